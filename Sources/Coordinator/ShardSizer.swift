import SweepSpec

/// How many units a worker should get, so that a shard takes about a second whatever a unit costs.
package struct ShardSizer {
  package static let target = 1.0
  /// Until the cost is known; small enough to be quick even for a large model.
  package static let first: UInt64 = 8
  package static let maximum: UInt64 = 1 << 16
  /// A shard is at most this many times the last, so that one odd measurement does little harm.
  private static let growth: UInt64 = 8

  private var speed = ComputeSpeed()
  private var last = ShardSizer.first

  package init() {}

  /// What the worker was seen to do; nil before its first shard.
  package var unitsPerSecond: Double? { speed.unitsPerSecond }

  /// Takes what a finished shard cost.
  package mutating func observe(units: UInt64, seconds: Double) {
    speed.observe(units: units, seconds: seconds)
  }

  /// The next shard's size, with `remaining` units left for `workers`: towards the end shards shrink, so that all workers
  /// finish together.
  package mutating func next(remaining: UInt64, workers: Int) -> UInt64 {
    let wanted = unitsPerSecond.map { UInt64(min($0 * Self.target, Double(Self.maximum)).rounded()) } ?? Self.first
    let size = max(1, min(wanted, Self.growth * last))
    last = size
    return min(size, max(1, remaining / UInt64(2 * max(workers, 1))))
  }
}
