import Foundation

/// A float32 array in NumPy's `.npy` format, C order.
/// Specification: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
public struct NPYArray: Hashable, Sendable {
  public let shape: [Int]
  /// Row-major, as many as the shape says.
  public let values: [Float]

  /// - Precondition: `values` has as many values as `shape` says.
  public init(shape: [Int], values: [Float]) {
    self.shape = shape
    self.values = values
  }

  private static let magic = Data([0x93]) + Data("NUMPY".utf8)

  /// Reads a file of version 1 to 3 with little-endian float32 or float64 (which is rounded) in C order.
  ///
  /// - Throws: `SweepError` that says what is wrong and how to save it right.
  public init(_ content: Data) throws {
    let bytes = [UInt8](content)
    guard bytes.count >= 12, content.starts(with: Self.magic), (1...3).contains(bytes[6]) else {
      throw SweepError("the file is no .npy file; save it with numpy.save")
    }
    let lengthBytes = bytes[6] == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = 8 + lengthBytes + length
    guard start <= bytes.count else { throw SweepError("the .npy file ends within its header") }
    let header = String(decoding: bytes[(8 + lengthBytes)..<start], as: UTF8.self)
    guard let isDouble = Self.isDouble(header), header.contains("'fortran_order': False"),
      let shape = Self.shape(header)
    else {
      throw SweepError(
        "the .npy file holds \(header.trimmingCharacters(in: .whitespacesAndNewlines)); save float32 values in C order: numpy.save(file, array.astype('float32'))"
      )
    }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= 1 << 40 else { throw SweepError("the .npy file's shape \(shape) is too large") }
      count = product
    }
    let width = isDouble ? 8 : 4
    guard bytes.count - start == count * width else {
      throw SweepError(
        "the .npy file has \(bytes.count - start) bytes of values; its shape \(shape) needs \(count * width)")
    }
    self.shape = shape
    values = bytes.withUnsafeBytes { raw in
      (0..<count).map { i in
        isDouble
          ? Float(
            Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start + 8 * i, as: UInt64.self))))
          : Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start + 4 * i, as: UInt32.self)))
      }
    }
  }

  /// The file, version 1.0.
  public var content: Data {
    var data = Self.header(shape: shape)
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    return data
  }

  /// What stands before the values, which are little-endian float32 in C order.
  public static func header(shape: [Int]) -> Data {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
    // Values start at a multiple of 64 bytes.
    header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
    return magic + Data([1, 0, UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]) + Data(header.utf8)
  }

  private static func isDouble(_ header: String) -> Bool? {
    if header.contains("'descr': '<f4'") { return false }
    return header.contains("'descr': '<f8'") ? true : nil
  }

  private static func shape(_ header: String) -> [Int]? {
    guard let key = header.range(of: "'shape': ("), let end = header[key.upperBound...].firstIndex(of: ")") else {
      return nil
    }
    let sizes = header[key.upperBound..<end].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    return sizes.filter { !$0.isEmpty }.compactMapAll { Int($0).flatMap { $0 >= 0 ? $0 : nil } }
  }
}
