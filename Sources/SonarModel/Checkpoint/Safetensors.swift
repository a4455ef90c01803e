import Foundation

/// A safetensors file, memory-mapped; its header is checked in full (`SafetensorsHeader`) before any tensor is read.
public struct Safetensors {
  private let path: String
  private let data: Data
  private let header: SafetensorsHeader

  public init(contentsOf url: URL) throws {
    path = url.path
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw ModelError("\(url.path) cannot be read: \(error.localizedDescription)")
    }
    let length = try SafetensorsHeader.length(
      from: Array(data.prefix(SafetensorsHeader.lengthSize)), fileSize: data.count, path: path)
    let json = Array(data[SafetensorsHeader.lengthSize..<SafetensorsHeader.lengthSize + length])
    header = try SafetensorsHeader(json: json, fileSize: data.count, path: path)
  }

  public var names: [String] { header.entries.keys.sorted() }

  public func shape(of name: String) -> [Int]? { header.entries[name]?.shape }

  /// The values of a tensor, widened to float32. Throws when it is missing, has another shape, or is not F32, F16 or
  /// BF16.
  public func tensor(_ name: String, shape: [Int]) throws -> [Float] {
    guard let entry = header.entries[name] else { throw ModelError("\(path): tensor '\(name)' is missing") }
    guard entry.shape == shape else {
      throw ModelError("\(path): tensor '\(name)' has shape \(entry.shape), the config asks for \(shape)")
    }
    guard entry.type.isWeight else {
      throw ModelError(
        "\(path): tensor '\(name)' has element type \(entry.type.rawValue); weights are F32, F16 or BF16")
    }
    let count = entry.bytes.count / entry.type.size
    return data.withUnsafeBytes { file in
      let bytes = UnsafeRawBufferPointer(rebasing: file[entry.bytes])
      return [Float](unsafeUninitializedCapacity: count) { target, initialized in
        for i in 0..<count {
          target[i] =
            switch entry.type {
            case .float16: Float(bytes.loadUnaligned(fromByteOffset: 2 * i, as: Float16.self))
            case .bfloat16:
              Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)) << 16)
            default: bytes.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
            }
        }
        initialized = count
      }
    }
  }
}
