import Foundation
import TensorKernels

/// A safetensors file, memory-mapped. See https://github.com/huggingface/safetensors for the format.
///
/// The header (at most 100 MB) is checked in full before any tensor is read: known element types, products that do not
/// overflow, byte ranges that match shapes and lie one after the other without gap or overlap.
public struct Safetensors {
  private struct Entry {
    let type: ElementType
    let shape: [Int]
    let bytes: Range<Int>
  }

  private enum ElementType: String {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    var size: Int { self == .float32 ? 4 : 2 }

    var table: EmbeddingTable.ElementType {
      switch self {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      }
    }

    /// The numbers that `bytes` hold, as float32.
    func widen(_ bytes: UnsafeRawBufferPointer) -> [Float] {
      let count = bytes.count / size
      return [Float](unsafeUninitializedCapacity: count) { target, initialized in
        switch self {
        case .float32: UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
        case .float16:
          for i in 0..<count { target[i] = Float(bytes.loadUnaligned(fromByteOffset: 2 * i, as: Float16.self)) }
        case .bfloat16:
          for i in 0..<count {
            let bits = UInt32(bytes.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)) << 16
            target[i] = Float(bitPattern: bits)
          }
        }
        initialized = count
      }
    }
  }

  private static let maximumHeader = 100 << 20
  private let path: String
  private let file: MappedFile
  private let entries: [String: Entry]

  public init(contentsOf url: URL) throws {
    path = url.path
    do {
      file = try MappedFile(path: path)
    } catch {
      throw ModelError("\(error)")
    }
    entries = try Self.parse(file.bytes, path: path)
  }

  public var names: [String] { entries.keys.sorted() }

  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// The values of a tensor, widened to float32. Throws when it is missing or has another shape.
  public func tensor(_ name: String, shape: [Int]) throws -> [Float] {
    let entry = try entry(name, shape: shape)
    return values(entry, entry.bytes)
  }

  /// Some rows of a matrix, widened to float32.
  func rows(_ rows: Range<Int>, of name: String, shape: [Int]) throws -> [Float] {
    let entry = try entry(name, shape: shape)
    let rowSize = entry.bytes.count / max(shape[0], 1)
    let start = entry.bytes.lowerBound
    return values(entry, start + rows.lowerBound * rowSize..<start + rows.upperBound * rowSize)
  }

  /// An embedding table, read where it lies in the file.
  func table(_ name: String, shape: [Int]) throws -> EmbeddingTable {
    let entry = try entry(name, shape: shape)
    return EmbeddingTable(file, entry.bytes, type: entry.type.table, width: shape[1])
  }

  private func entry(_ name: String, shape: [Int]) throws -> Entry {
    guard let entry = entries[name] else { throw ModelError("\(path): tensor '\(name)' is missing") }
    guard entry.shape == shape else {
      throw ModelError("\(path): tensor '\(name)' has shape \(entry.shape), the config asks for \(shape)")
    }
    return entry
  }

  private func values(_ entry: Entry, _ range: Range<Int>) -> [Float] {
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
    // What was read is not needed again: of a large file, only what is being read is in memory.
    defer { file.release(range) }
    return entry.type.widen(bytes)
  }

  private static func parse(_ data: UnsafeRawBufferPointer, path: String) throws -> [String: Entry] {
    func bad(_ reason: String) -> ModelError { ModelError("\(path) is not a valid safetensors file: \(reason)") }
    guard data.count >= 8 else { throw bad("it is shorter than 8 bytes") }
    let headerSize = UInt64(littleEndian: data.loadUnaligned(as: UInt64.self))
    guard headerSize <= UInt64(maximumHeader), headerSize <= UInt64(data.count - 8) else {
      throw bad("its header claims \(headerSize) bytes")
    }
    let start = 8 + Int(headerSize)
    guard let header = try? JSONSerialization.jsonObject(with: Data(data[8..<start])) as? [String: Any] else {
      throw bad("its header is not a JSON object")
    }
    var entries: [String: Entry] = [:]
    for (name, value) in header where name != "__metadata__" {
      guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
        let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int], offsets.count == 2
      else { throw bad("tensor '\(name)' is not described by dtype, shape and data_offsets") }
      guard let type = ElementType(rawValue: type) else {
        throw bad("tensor '\(name)' has element type \(type); F32, F16 and BF16 are read")
      }
      var size = type.size
      for extent in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else { throw bad("tensor '\(name)' has an impossible shape \(shape)") }
        size = product
      }
      guard offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= data.count - start, offsets[1] - offsets[0] == size
      else { throw bad("tensor '\(name)' of shape \(shape) does not fit its offsets \(offsets)") }
      entries[name] = Entry(type: type, shape: shape, bytes: start + offsets[0]..<start + offsets[1])
    }
    var end = start
    for entry in entries.values.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) where !entry.bytes.isEmpty {
      guard entry.bytes.lowerBound == end else { throw bad("its tensors leave a gap or overlap at byte \(end)") }
      end = entry.bytes.upperBound
    }
    guard end == data.count else { throw bad("\(data.count - end) bytes belong to no tensor") }
    return entries
  }
}
