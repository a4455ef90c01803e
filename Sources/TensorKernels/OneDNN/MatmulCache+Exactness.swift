import COneDNN

extension MatmulCache {
  /// Throws where this processor has no 8-bit products, or only such that are not exact: without VNNI instructions, oneDNN
  /// cuts sums of two products off at 16 bits.
  func check8Bit() throws {
    let (rows, width) = (8, 64)
    let shape = MatmulShape(
      precision: .int8, inputs: width, outputs: width, hasBias: false, epilogue: .none, isActivation: false)
    let layout = try weightLayout(.int8, inputs: width, outputs: width).packed
    let plain = try OneDNN.layout(shape: [width, width], type: dnnl_s8, tag: dnnl_ba)
    var largest = [Int8](repeating: .max, count: width * width)
    var packed = [UInt8](repeating: 0, count: layout.byteCount)
    var sums = [Int32](repeating: 0, count: rows * width)
    try largest.withUnsafeMutableBytes { source in
      try packed.withUnsafeMutableBytes { weight in
        try sums.withUnsafeMutableBytes { destination in
          guard let source = source.baseAddress, let weight = weight.baseAddress, let target = destination.baseAddress
          else { return }
          try engine.reorder(source, plain, to: weight, layout)
          try run(shape, rows: rows, source: source, weight: weight, bias: nil, destination: target)
        }
      }
    }
    let exact = Int32(width) * Int32(Int8.max) * Int32(Int8.max)
    guard sums.allSatisfy({ $0 == exact }) else {
      throw TensorError("this processor has no exact int8 kernels, for want of VNNI; use fp32")
    }
  }
}
