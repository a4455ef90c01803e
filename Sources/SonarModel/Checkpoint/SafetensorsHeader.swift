import Foundation

/// What a safetensors file says it holds. See https://github.com/huggingface/safetensors for the format.
///
/// The header (at most 100 MB, at most 100,000 tensors) is checked in full before any tensor is read: known element
/// types, products that do not overflow, no name twice, byte ranges that match shapes and lie one after the other
/// without gap or overlap.
struct SafetensorsHeader {
  struct Entry {
    let type: ElementType
    let shape: [Int]
    /// In the file.
    let bytes: Range<Int>
  }

  /// The length field in front of the header, in bytes.
  static let lengthSize = 8
  private static let maximumLength = 100 << 20

  let entries: [String: Entry]

  /// The header's length, from the first 8 bytes of a file. Throws `ModelError` where it cannot be.
  static func length(from bytes: [UInt8], fileSize: Int, path: String) throws -> Int {
    guard bytes.count == lengthSize else { throw Self.bad(path, "it is shorter than 8 bytes") }
    let length = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumLength), length <= UInt64(fileSize - lengthSize) else {
      throw Self.bad(path, "its header claims \(length) bytes")
    }
    return Int(length)
  }

  /// - Parameters:
  ///   - json: the header's bytes, without the length in front.
  ///   - fileSize: the whole file's, which the tensors must fill.
  init(json: [UInt8], fileSize: Int, path: String) throws {
    let start = Self.lengthSize + json.count
    var scanner = SafetensorsScanner(json)
    let described: [String: SafetensorsScanner.Description]
    do {
      described = try scanner.scan()
    } catch let problem as SafetensorsScanner.Problem {
      throw Self.bad(path, problem.description)
    }
    entries = try described.reduce(into: [:]) { entries, item in
      entries[item.key] = try Self.entry(item.key, item.value, start: start, fileSize: fileSize, path: path)
    }
    var end = start
    for entry in entries.values.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) where !entry.bytes.isEmpty {
      guard entry.bytes.lowerBound == end else {
        throw Self.bad(path, "its tensors leave a gap or overlap at byte \(end)")
      }
      end = entry.bytes.upperBound
    }
    guard end == fileSize else { throw Self.bad(path, "\(fileSize - end) bytes belong to no tensor") }
  }

  private static func entry(
    _ name: String, _ description: SafetensorsScanner.Description, start: Int, fileSize: Int, path: String
  ) throws -> Entry {
    let (shape, offsets) = (description.shape, description.offsets)
    guard let type = ElementType(rawValue: description.type) else {
      throw bad(path, "tensor '\(name)' has the unknown element type '\(description.type)'")
    }
    guard let size = type.byteCount(of: shape) else {
      throw bad(path, "tensor '\(name)' has an impossible shape \(shape)")
    }
    guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= fileSize - start,
      offsets[1] - offsets[0] == size
    else { throw bad(path, "tensor '\(name)' of shape \(shape) does not fit its offsets \(offsets)") }
    return Entry(type: type, shape: shape, bytes: start + offsets[0]..<start + offsets[1])
  }

  private static func bad(_ path: String, _ reason: String) -> ModelError {
    ModelError("\(path) is not a valid safetensors file: \(reason)")
  }
}
