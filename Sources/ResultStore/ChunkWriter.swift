import Foundation
import SweepSpec

/// Writes units into the chunk files of one array. A chunk file appears complete, filled with NaN, and is then written in
/// place: a unit's bytes have a fixed place, and writing them twice changes nothing.
final class ChunkWriter {
  private static let openFiles = 64

  private let directory: String
  private let grid: ChunkGrid
  private let tailDimensions: Int
  private var descriptors: [String: Int32] = [:]
  private var order: [String] = []
  private var unsynced: Set<String> = []

  /// - Parameter directory: the array's, as `arrays.zarr/embedding`.
  init(directory: String, grid: ChunkGrid, tailDimensions: Int) {
    self.directory = directory
    self.grid = grid
    self.tailDimensions = tailDimensions
  }

  deinit { for descriptor in descriptors.values { close(descriptor) } }

  /// Writes units' values, [units × unit size]; they are durable after `sync()`.
  func write(_ units: [(unit: UnitIndex, values: [Float])]) throws {
    let placed = units.map { (slot: grid.slot(of: $0.unit), values: $0.values) }
    for (chunk, entries) in Dictionary(grouping: placed, by: \.slot.chunk) {
      let path = self.path(of: chunk)
      let segments = Self.merged(entries.map { ($0.slot.offset, $0.values) })
      if descriptors[path] == nil, access(path, F_OK) != 0 {
        try create(path, segments)
      } else {
        let descriptor = try open(path)
        for (offset, values) in segments {
          try values.withUnsafeBytes { try DurableFile.write($0, to: descriptor, at: offset, path: path) }
        }
        unsynced.insert(path)
      }
    }
  }

  func sync() throws {
    for path in unsynced {
      guard fdatasync(try open(path)) == 0 else { throw StoreError.system("sync \(path)") }
    }
    unsynced = []
  }

  /// The stored values of a unit; nil where its chunk does not exist.
  func read(_ unit: UnitIndex) throws -> [Float]? {
    let slot = grid.slot(of: unit)
    let path = path(of: slot.chunk)
    guard access(path, F_OK) == 0 else { return nil }
    let descriptor = try open(path)
    var values = [Float](repeating: .nan, count: grid.unitBytes / 4)
    let count = values.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(slot.offset)) }
    guard count == grid.unitBytes else { throw StoreError.system("read \(path)") }
    return values
  }

  /// Creates the chunk with NaN everywhere but in `segments`, durably.
  private func create(_ path: String, _ segments: [(offset: Int, values: [Float])]) throws {
    try DurableFile.makeDirectory((path as NSString).deletingLastPathComponent)
    var image = [Float](repeating: .nan, count: grid.chunkBytes / 4)
    for (offset, values) in segments {
      image.replaceSubrange(offset / 4..<offset / 4 + values.count, with: values)
    }
    try image.withUnsafeBytes { try DurableFile.write(RawBytes(buffer: $0), to: path) }
  }

  private func path(of chunk: [Int]) -> String {
    let indices = chunk + [Int](repeating: 0, count: tailDimensions)
    return directory + "/c/" + indices.map(String.init).joined(separator: "/")
  }

  /// The chunk's open file; the one unused for longest is closed where too many are open.
  private func open(_ path: String) throws -> Int32 {
    if let descriptor = descriptors[path] { return descriptor }
    if order.count >= Self.openFiles {
      let oldest = order.removeFirst()
      if unsynced.remove(oldest) != nil, let descriptor = descriptors[oldest], fdatasync(descriptor) != 0 {
        throw StoreError.system("sync \(oldest)")
      }
      descriptors.removeValue(forKey: oldest).map { _ = close($0) }
    }
    let descriptor = Foundation.open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.system("open \(path)") }
    descriptors[path] = descriptor
    order.append(path)
    return descriptor
  }

  /// Adjacent runs of values joined into one.
  private static func merged(_ entries: [(offset: Int, values: [Float])]) -> [(offset: Int, values: [Float])] {
    var result: [(offset: Int, values: [Float])] = []
    for entry in entries.sorted(by: { $0.offset < $1.offset }) {
      if let last = result.last, last.offset + 4 * last.values.count == entry.offset {
        result[result.count - 1].values += entry.values
      } else {
        result.append(entry)
      }
    }
    return result
  }

  private struct RawBytes: ContiguousBytes {
    let buffer: UnsafeRawBufferPointer

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
      try body(buffer)
    }
  }
}
