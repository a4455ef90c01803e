import Foundation
import SweepSpec

/// One array of a run, read in pieces: memory does not grow with the run. Belongs to one thread.
///
/// A unit that is not done reads as NaN. In a run that still goes on, values may be of units that are not committed yet.
public final class ArrayReader {
  /// `embedding`, `token_state`, `log_probability` ...
  public let name: String
  /// The lengths of the sweep's axes, then of the array's own dimensions, such as `dim`.
  public let shape: [Int]
  /// The names of the same.
  public let dimensions: [String]
  /// Values per unit.
  public let unitSize: Int
  /// The number of units, the product of the axes' lengths.
  public let unitCount: UInt64

  private let directory: String
  private let grid: ChunkGrid
  private let tailDimensions: Int
  /// The chunk read last; the descriptor is nil where it has no file.
  private var current: (chunk: [Int], descriptor: Int32?)?

  /// - Throws: `StoreError` where the job writes no array of this name.
  public init(_ name: String, of job: Job, in directory: URL) throws {
    let outputs = OutputArray.outputs(of: job.spec)
    guard let output = outputs.first(where: { $0.name == name }) else {
      throw StoreError(
        .mismatch, "\(job.id) has no array '\(name)'; it has \(outputs.map(\.name).joined(separator: ", "))")
    }
    self.name = name
    shape = job.sweep.axes.map(\.count) + output.tail.map(\.size)
    dimensions = job.sweep.axes.map(\.name) + output.tail.map(\.name)
    unitSize = output.unitSize
    unitCount = job.sweep.unitCount
    self.directory = directory.appending(path: "arrays.zarr/\(name)/c").path
    grid = ZarrGroup.grid(of: output, in: job.sweep)
    tailDimensions = output.tail.count
  }

  deinit { if let descriptor = current?.descriptor { close(descriptor) } }

  /// The unit's values, [unitSize]. Throws `StoreError` where its chunk cannot be read.
  public func values(of unit: UnitIndex) throws -> [Float] {
    precondition(unit < unitCount, "unit \(unit) is none of the sweep's \(unitCount)")
    return try [Float](unsafeUninitializedCapacity: unitSize) { buffer, count in
      try read(UnsafeMutableRawBufferPointer(buffer), at: grid.slot(of: unit))
      count = unitSize
    }
  }

  /// Calls `body` for every unit of a range in order, with its values, [unitSize], which live as long as the call.
  public func forEachUnit(
    in range: UnitRange? = nil, _ body: (UnitIndex, UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    try forEachBlock(in: range) { units, values in
      for (i, unit) in units.enumerated() {
        try body(unit, UnsafeBufferPointer(rebasing: values[i * unitSize..<(i + 1) * unitSize]))
      }
    }
  }

  /// Calls `body` for a range's units in order, as many together as lie together and fit the limit, with their values,
  /// [units, unitSize], which live as long as the call.
  ///
  /// - Parameters:
  ///   - range: the whole sweep where nil.
  ///   - limit: the most units together; by default 4 MiB of them.
  /// - Throws: `StoreError` where a chunk cannot be read, and what `body` throws.
  public func forEachBlock(
    in range: UnitRange? = nil, limit: Int? = nil, _ body: (UnitRange, UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let range = range ?? 0..<unitCount
    precondition(range.upperBound <= unitCount, "units \(range) are not all among the sweep's \(unitCount)")
    let capacity = min(max(1, limit ?? .max), max(1, ChunkGrid.targetBytes / grid.unitBytes))
    let longest = Int(min(UInt64(capacity), range.upperBound - range.lowerBound))
    let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: longest * unitSize)
    defer { block.deallocate() }
    var next = range.lowerBound
    while next < range.upperBound {
      let slot = grid.slot(of: next)
      // A chunk's units have consecutive indices and bytes.
      let end = min(range.upperBound, grid.units(of: slot.chunk)?.upperBound ?? next + 1, next + UInt64(longest))
      let values = UnsafeMutableBufferPointer(rebasing: block[..<(Int(end - next) * unitSize)])
      try read(UnsafeMutableRawBufferPointer(values), at: slot)
      try body(next..<end, UnsafeBufferPointer(values))
      next = end
    }
  }

  /// Fills the buffer with a chunk's bytes from the slot on; with NaN where the chunk has no file.
  private func read(_ buffer: UnsafeMutableRawBufferPointer, at slot: ChunkGrid.Slot) throws {
    guard let descriptor = try open(slot.chunk) else {
      buffer.bindMemory(to: Float.self).initialize(repeating: .nan)
      return
    }
    var count = 0
    while count < buffer.count {
      let got = pread(
        descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count, off_t(slot.offset + count))
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw StoreError.system("read \(path(of: slot.chunk))") }
      guard got > 0 else {
        throw StoreError(.damaged, "\(path(of: slot.chunk)) is too short; the same 'run' command repairs it")
      }
      count += got
    }
  }

  private func open(_ chunk: [Int]) throws -> Int32? {
    if let current, current.chunk == chunk { return current.descriptor }
    if let descriptor = current?.descriptor { close(descriptor) }
    current = nil
    let descriptor = Foundation.open(path(of: chunk), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 || errno == ENOENT else { throw StoreError.system("open \(path(of: chunk))") }
    current = (chunk, descriptor >= 0 ? descriptor : nil)
    return current?.descriptor
  }

  private func path(of chunk: [Int]) -> String {
    directory + "/" + (chunk + [Int](repeating: 0, count: tailDimensions)).map(String.init).joined(separator: "/")
  }
}
