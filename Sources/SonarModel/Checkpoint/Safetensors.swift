import Foundation
import TensorKernels

/// A safetensors file, memory-mapped; its header is checked in full (`SafetensorsHeader`) before any tensor is read.
public struct Safetensors {
  private let path: String
  private let file: MappedFile
  private let header: SafetensorsHeader

  public init(contentsOf url: URL) throws {
    path = url.path
    do {
      file = try MappedFile(path: path)
    } catch {
      throw ModelError("\(error)")
    }
    let size = file.bytes.count
    let length = try SafetensorsHeader.length(
      from: Array(file.bytes.prefix(SafetensorsHeader.lengthSize)), fileSize: size, path: path)
    let json = Array(file.bytes[SafetensorsHeader.lengthSize..<SafetensorsHeader.lengthSize + length])
    header = try SafetensorsHeader(json: json, fileSize: size, path: path)
  }

  public var names: [String] { header.entries.keys.sorted() }

  public func shape(of name: String) -> [Int]? { header.entries[name]?.shape }

  /// The values of a tensor, widened to float32. Throws when it is missing, has another shape, or is not F32, F16 or
  /// BF16.
  public func tensor(_ name: String, shape: [Int]) throws -> [Float] {
    let (bytes, type) = try weight(name, shape: shape)
    return values(bytes, type)
  }

  /// Some rows of a matrix, widened to float32. Throws as `tensor` does.
  func rows(_ rows: Range<Int>, of name: String, shape: [Int]) throws -> [Float] {
    let (bytes, type) = try weight(name, shape: shape)
    let rowSize = bytes.count / max(shape[0], 1)
    let start = bytes.lowerBound
    return values(start + rows.lowerBound * rowSize..<start + rows.upperBound * rowSize, type)
  }

  /// An embedding table, read where it lies in the file. Throws as `tensor` does.
  func table(_ name: String, shape: [Int]) throws -> EmbeddingTable {
    let (bytes, type) = try weight(name, shape: shape)
    return EmbeddingTable(file, bytes, type: type, width: shape[1])
  }

  private func weight(_ name: String, shape: [Int]) throws -> (bytes: Range<Int>, type: WeightType) {
    guard let entry = header.entries[name] else { throw ModelError("\(path): tensor '\(name)' is missing") }
    guard entry.shape == shape else {
      throw ModelError("\(path): tensor '\(name)' has shape \(entry.shape), the config asks for \(shape)")
    }
    guard let type = entry.type.weight else {
      throw ModelError(
        "\(path): tensor '\(name)' has element type \(entry.type.rawValue); weights are F32, F16 or BF16")
    }
    return (entry.bytes, type)
  }

  private func values(_ range: Range<Int>, _ type: WeightType) -> [Float] {
    // What was read is not needed again: of a large file, only what is being read is in memory.
    defer { file.release(range) }
    return type.widen(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
  }
}
