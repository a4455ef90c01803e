/// Pickles written opcode by opcode, good ones and hostile ones.
struct PickleProgram {
  private(set) var bytes: [UInt8] = [0x80, 2]

  /// The finished program.
  static func make(_ build: (inout Self) -> Void) -> [UInt8] {
    var program = Self()
    build(&program)
    return program.bytes + [UInt8(ascii: ".")]
  }

  mutating func raw(_ more: [UInt8]) { bytes += more }
  mutating func op(_ opcode: Character) { bytes += Array(String(opcode).utf8) }

  mutating func text(_ value: String) {
    op("X")
    bytes += withUnsafeBytes(of: UInt32(value.utf8.count).littleEndian) { Array($0) } + Array(value.utf8)
  }

  /// As LONG1 of 8 bytes, whatever its size.
  mutating func integer(_ value: Int) {
    bytes += [0x8A, 8] + withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  mutating func global(_ module: String, _ name: String) { bytes += Array("c\(module)\n\(name)\n".utf8) }

  mutating func tuple(_ content: (inout Self) -> Void) {
    op("(")
    content(&self)
    op("t")
  }

  mutating func dictionary(_ content: (inout Self) -> Void) {
    op("}")
    op("(")
    content(&self)
    op("u")
  }

  mutating func call(_ module: String, _ name: String, _ arguments: (inout Self) -> Void) {
    global(module, name)
    tuple(arguments)
    op("R")
  }

  /// `_rebuild_tensor_v2` of a storage.
  mutating func tensor(_ tensor: PickledTensor) {
    call("torch._utils", "_rebuild_tensor_v2") {
      $0.tuple {
        $0.text("storage")
        $0.global("torch", tensor.storageType)
        $0.text(tensor.key)
        $0.text("cpu")
        $0.integer(tensor.storageCount)
      }
      $0.op("Q")
      $0.integer(tensor.offset)
      $0.tuple { program in for extent in tensor.shape { program.integer(extent) } }
      $0.tuple { program in for stride in tensor.strides { program.integer(stride) } }
      $0.raw([0x89])
      $0.call("collections", "OrderedDict") { _ in }
    }
  }

  /// `{"model": {name: tensor, ...}}`
  static func fairseq2(_ tensors: [(String, PickledTensor)]) -> [UInt8] {
    make { program in
      program.dictionary {
        $0.text("model")
        $0.dictionary { program in
          for (name, tensor) in tensors {
            program.text(name)
            program.tensor(tensor)
          }
        }
      }
    }
  }
}

/// A tensor as a pickle describes it, true or not.
struct PickledTensor {
  var storageType = "FloatStorage"
  var key = "0"
  var storageCount: Int
  var offset = 0
  var shape: [Int]
  var strides: [Int]
}
