import SweepSpec

/// How an array over a sweep's axes is cut into chunks of a few MiB, so that units with consecutive indices lie at
/// consecutive bytes of one chunk.
///
/// A chunk spans the last axes whole, a part of the axis before them, and one index of the axes before that.
package struct ChunkGrid: Hashable, Sendable {
  package static let targetBytes = 4 << 20

  /// Lengths of the sweep's axes.
  package let shape: [Int]
  /// Of a chunk, along the sweep's axes.
  package let chunkShape: [Int]
  package let unitBytes: Int

  package struct Slot: Hashable {
    /// Chunk indices along the sweep's axes.
    package let chunk: [Int]
    /// Where the unit's bytes start in the chunk's file.
    package let offset: Int
  }

  package init(shape: [Int], unitBytes: Int) {
    self.shape = shape
    self.unitBytes = unitBytes
    var chunkShape = [Int](repeating: 1, count: shape.count)
    var capacity = max(1, Self.targetBytes / unitBytes)
    for i in shape.indices.reversed() {
      if shape[i] <= capacity {
        chunkShape[i] = shape[i]
        capacity /= shape[i]
      } else {
        // Even parts, so that the last chunk is not mostly padding.
        let parts = (shape[i] - 1) / capacity + 1
        chunkShape[i] = (shape[i] - 1) / parts + 1
        break
      }
    }
    self.chunkShape = chunkShape
  }

  package var chunkBytes: Int { chunkShape.reduce(unitBytes, *) }

  package func slot(of unit: UnitIndex) -> Slot {
    var remainder = unit
    var chunk = [Int](repeating: 0, count: shape.count)
    var (offset, stride) = (0, unitBytes)
    for i in shape.indices.reversed() {
      let (quotient, index) = remainder.quotientAndRemainder(dividingBy: UInt64(shape[i]))
      chunk[i] = Int(index) / chunkShape[i]
      offset += Int(index) % chunkShape[i] * stride
      stride *= chunkShape[i]
      remainder = quotient
    }
    return Slot(chunk: chunk, offset: offset)
  }

  /// The units of a chunk, by its indices along the sweep's axes; nil where the array has no such chunk.
  package func units(of chunk: [Int]) -> UnitRange? {
    guard chunk.count == shape.count else { return nil }
    var (first, last): (UInt64, UInt64) = (0, 0)
    for i in shape.indices {
      guard chunk[i] >= 0, chunk[i] <= (shape[i] - 1) / chunkShape[i] else { return nil }
      let start = chunk[i] * chunkShape[i]
      first = first * UInt64(shape[i]) + UInt64(start)
      last = last * UInt64(shape[i]) + UInt64(start + min(chunkShape[i], shape[i] - start) - 1)
    }
    return first..<last + 1
  }
}
