import SweepSpec

/// A sample of things of which there may be too many, the same whenever it is drawn: all of them where they fit, else those
/// whose hash is small enough.
package struct Sample: Sendable {
  private let threshold: UInt64

  /// - Parameters:
  ///   - limit: about how many to take.
  ///   - total: of how many.
  package init(_ limit: Int, of total: UInt64) {
    threshold = total <= UInt64(limit) ? .max : UInt64(Double(limit) / Double(total) * 0x1p64)
  }

  package func contains(_ thing: UInt64) -> Bool {
    threshold == .max || SeededGenerator.hash(thing) < threshold
  }
}

extension UnitRows.Unit {
  /// A number that units share which differ only on these axes.
  package func rest(without axes: [Int], _ shape: [Int]) -> UInt64 {
    coordinates.indices.reduce(0) { $0 * UInt64(shape[$1]) + (axes.contains($1) ? 0 : UInt64(coordinates[$1])) }
  }
}
