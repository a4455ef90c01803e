/// How often values fell at or below given bounds.
public struct Histogram: Hashable, Sendable {
  /// Upper bounds, ascending; one more bucket, up to infinity, follows them.
  public let bounds: [Double]
  /// Per bucket, not cumulative; one more than `bounds`.
  public private(set) var counts: [UInt64]
  public private(set) var sum = 0.0

  public init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  public var count: UInt64 { counts.reduce(0, +) }

  /// Takes a value; one that is no number is left out.
  public mutating func observe(_ value: Double) {
    guard value.isFinite else { return }
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }
}
