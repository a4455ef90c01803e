import Foundation
import SweepSpec
import Testing

@Suite("NumPy's .npy files")
struct NPYArrayTests {
  /// What numpy 2.3 writes: `numpy.save(f, numpy.array([1, -2.5, 3e-8], 'float32'))`, and float64 of shape (2, 2).
  static let vector =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAgwFnZADM="
  static let doubles =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwPwAAAAAAAABAAAAAAAAACECamZmZmZm5Pw=="
  static let empty =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo="

  static func data(_ base64: String) throws -> Data { try #require(Data(base64Encoded: base64)) }

  @Test("float32 as numpy writes it")
  func float32() throws {
    let array = try NPYArray(Self.data(Self.vector))
    #expect(array.shape == [3])
    #expect(array.values == [1, -2.5, 3e-8])
  }

  @Test("float64 is rounded to float32")
  func float64() throws {
    let array = try NPYArray(Self.data(Self.doubles))
    #expect(array.shape == [2, 2])
    #expect(array.values == [1, 2, 3, 0.1])
  }

  @Test("an array without values")
  func nothing() throws {
    let array = try NPYArray(Self.data(Self.empty))
    #expect(array.shape == [0, 4])
    #expect(array.values.isEmpty)
  }

  @Test("what is written is what numpy writes, byte for byte", arguments: [vector, empty])
  func sameBytes(base64: String) throws {
    let content = try Self.data(base64)
    #expect(try NPYArray(content).content == content)
  }

  @Test(
    "what is written is read back", arguments: [[0], [5], [2, 3], [1, 1, 4], [1, 7, 1, 1]])
  func roundTrip(shape: [Int]) throws {
    let array = NPYArray(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0) / 3 })
    #expect(try NPYArray(array.content) == array)
  }

  @Test(
    "what it does not hold is said, and how to save it right",
    arguments: [
      ("<i8", "False", "numpy.save(file, array.astype('float32'))"), (">f4", "False", "'descr': '>f4'"),
      ("|O", "False", "C order"), ("<f4", "True ", "C order"),
    ])
  func otherKinds(type: String, order: String, says: String) throws {
    let text = "\u{1}\0v\0{'descr': '\(type)', 'fortran_order': \(order), 'shape': (0,), }"
    let header = text.padding(toLength: 121, withPad: " ", startingAt: 0) + "\n"
    let content = Data([0x93]) + Data("NUMPY".utf8) + Data(header.utf8)
    let error = try #require(throws: SweepError.self) { try NPYArray(content) }
    #expect(error.description.contains(says))
  }

  @Test("a file cut short anywhere is refused")
  func cutShort() throws {
    let content = try Self.data(Self.vector)
    for count in 0..<content.count {
      #expect(throws: SweepError.self, "\(count) bytes") { try NPYArray(content.prefix(count)) }
    }
  }

  @Test("any changed header byte gives the same array or an error, never a crash")
  func mutations() throws {
    let content = try Self.data(Self.doubles)
    for place in 0..<128 {
      for byte: UInt8 in [0, 1, 0x27, 0x29, 0x2C, 0x2D, 0x39, 0x7F, 0xFF] {
        var changed = content
        changed[place] = byte
        if let array = try? NPYArray(changed) { #expect(array.values.count == array.shape.reduce(1, *)) }
      }
    }
  }

  @Test("a shape that would not fit memory is refused before anything is made for it")
  func hugeShape() throws {
    let text = "\u{1}\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4294967296), }"
    let header = text.padding(toLength: 121, withPad: " ", startingAt: 0) + "\n"
    let content = Data([0x93]) + Data("NUMPY".utf8) + Data(header.utf8)
    let error = try #require(throws: SweepError.self) { try NPYArray(content) }
    #expect(error.description.contains("too large"))
  }
}
