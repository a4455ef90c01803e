import Foundation
import SweepSpec

/// Reads one array's chunks in the order of units, and makes of each what it should be: the values of the units that are
/// kept, and NaN everywhere else. Holds one chunk at a time.
struct ChunkAudit {
  private struct Chunk {
    let indices: [Int]
    let path: String
    /// As it is on disk: possibly too short or too long.
    let stored: [UInt8]
    /// As it should be.
    var expected: [UInt8]
    var isEmpty = true
  }

  private let directory: String
  private let grid: ChunkGrid
  private let tailDimensions: Int
  private let repairing: Bool
  private let blank: [UInt8]
  private var chunk: Chunk?
  /// Chunks that were not as they should be, and now are, if `repairing`.
  private(set) var damagedChunks = 0

  /// - Parameter directory: the array's, as `arrays.zarr/embedding`.
  init(directory: String, grid: ChunkGrid, tailDimensions: Int, repairing: Bool) {
    self.directory = directory
    self.grid = grid
    self.tailDimensions = tailDimensions
    self.repairing = repairing
    blank = [Float](repeating: .nan, count: grid.chunkBytes / 4).withUnsafeBytes { Array($0) }
  }

  /// The stored bytes of a unit; nil where they are not all there. Units must come in order.
  mutating func bytes(of unit: UnitIndex) throws -> ArraySlice<UInt8>? {
    let slot = grid.slot(of: unit)
    if chunk?.indices != slot.chunk {
      try leave()
      let path = path(of: slot.chunk)
      let stored = try DurableFile.read(path, upTo: grid.chunkBytes + 1) ?? []
      chunk = Chunk(indices: slot.chunk, path: path, stored: stored, expected: blank)
    }
    guard let chunk, chunk.stored.count >= slot.offset + grid.unitBytes else { return nil }
    return chunk.stored[slot.offset..<slot.offset + grid.unitBytes]
  }

  /// Keeps the unit asked for last.
  mutating func keep(_ unit: UnitIndex) {
    let offset = grid.slot(of: unit).offset
    guard let stored = chunk?.stored[offset..<offset + grid.unitBytes] else { return }
    chunk?.expected.withUnsafeMutableBytes { expected in
      stored.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: expected[offset...]).copyMemory(from: $0) }
    }
    chunk?.isEmpty = false
  }

  /// Ends the audit: what belongs to no unit of `kept` is removed.
  mutating func finish(kept: UnitSet) throws {
    try leave()
    try removeStrangers("\(directory)/c", [], kept: kept)
  }

  private mutating func leave() throws {
    guard let chunk else { return }
    self.chunk = nil
    // A chunk that keeps no unit is removed in the end.
    guard !chunk.isEmpty, chunk.stored != chunk.expected else { return }
    damagedChunks += 1
    if repairing { try DurableFile.write(chunk.expected, to: chunk.path) }
  }

  private func path(of chunk: [Int]) -> String {
    let indices = chunk + [Int](repeating: 0, count: tailDimensions)
    return directory + "/c/" + indices.map(String.init).joined(separator: "/")
  }

  /// Removes chunks without units, and what a killed process left of files it was making.
  private mutating func removeStrangers(_ path: String, _ indices: [Int], kept: UnitSet) throws {
    guard let entries = opendir(path) else {
      if errno == ENOENT { return }
      throw StoreError.system("read the directory \(path)")
    }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasSuffix(".partial") { try remove("\(path)/\(name)") }
      guard let index = Int(name), String(index) == name else { continue }
      let place = indices + [index]
      if place.count < grid.shape.count + tailDimensions {
        try removeStrangers("\(path)/\(name)", place, kept: kept)
      } else if grid.units(of: Array(place.prefix(grid.shape.count))).map({ !kept.overlaps($0) }) ?? true
        || place.dropFirst(grid.shape.count).contains(where: { $0 != 0 })
      {
        try remove("\(path)/\(name)")
      }
    }
  }

  private mutating func remove(_ path: String) throws {
    damagedChunks += 1
    if repairing, unlink(path) != 0 { throw StoreError.system("remove \(path)") }
  }
}
