import SweepSpec

/// How many units a worker should get, so that a shard takes about a second whatever a unit costs.
package struct ShardSizer {
  package static let target = 1.0
  /// Until the cost is known; small enough to be quick even for a large model.
  package static let first: UInt64 = 8
  package static let maximum: UInt64 = 1 << 16
  /// A shard is at most this many times the last, so that one odd measurement does little harm.
  private static let growth: UInt64 = 8

  /// What the worker was seen to do; nil before its first shard.
  package private(set) var unitsPerSecond: Double?
  private var last = ShardSizer.first

  package init() {}

  /// Takes what a finished shard cost.
  package mutating func observe(units: UInt64, seconds: Double) {
    guard units > 0, seconds.isFinite, seconds >= 0 else { return }
    let rate = Double(units) / max(seconds, 1e-4)
    unitsPerSecond = unitsPerSecond.map { 0.5 * $0 + 0.5 * rate } ?? rate
  }

  /// The next shard's size, with `remaining` units left for `workers`: towards the end shards shrink, so that all workers
  /// finish together.
  package mutating func next(remaining: UInt64, workers: Int) -> UInt64 {
    let wanted = unitsPerSecond.map { UInt64(min($0 * Self.target, Double(Self.maximum))) } ?? Self.first
    let size = max(1, min(wanted, Self.growth * last))
    last = size
    return min(size, max(1, remaining / UInt64(2 * max(workers, 1))))
  }
}
