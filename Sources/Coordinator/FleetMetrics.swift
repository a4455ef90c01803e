import FleetProtocol
import Monitoring
import SweepSpec

/// What a coordinator counted since it started. Its jobs, workers and aggregator as they are now stand in `FleetView`.
struct FleetMetrics {
  /// Seconds; a shard should take about one.
  private static let shardBounds: [Double] = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
  /// Seconds; on a healthy disk a commit takes some milliseconds.
  private static let commitBounds: [Double] = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
  /// Tokens a second, from a full-size model on an old core to a small one on a new one.
  private static let rateBounds: [Double] = [
    10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
  ]

  /// Units that became durable, however often they were computed before.
  private(set) var committed = UnitCounts()
  private(set) var lastCommit: MonotonicInstant?
  private(set) var quarantined: UInt64 = 0
  private(set) var workersLost: UInt64 = 0
  private(set) var leasesExpired: UInt64 = 0
  private(set) var jobsEnded: [JobView.Phase: UInt64] = [:]
  private(set) var shardSeconds = Histogram(bounds: shardBounds)
  private(set) var commitSeconds = Histogram(bounds: commitBounds)
  private(set) var encodeRate = Histogram(bounds: rateBounds)
  private(set) var decodeRate = Histogram(bounds: rateBounds)
  // As Prometheus counts: others name these numbers, and none may overflow.
  private(set) var encodedTokens = 0.0
  private(set) var decodedTokens = 0.0
  /// At the aggregator's sockets, by reason.
  private(set) var refusedByAggregator: [String: UInt64] = [:]

  /// A worker has computed a lease.
  mutating func observe(_ computed: Computed) {
    if computed.seconds >= 0 { shardSeconds.observe(computed.seconds) }
    let work = computed.work
    encodedTokens += Double(work.encodedTokens)
    decodedTokens += Double(work.decodedTokens)
    Self.observe(work.encodedTokens, work.encodeSeconds, in: &encodeRate)
    Self.observe(work.decodedTokens, work.decodeSeconds, in: &decodeRate)
  }

  /// A lease for which the model did nothing has no rate.
  private static func observe(_ tokens: UInt64, _ seconds: Double, in rates: inout Histogram) {
    if tokens > 0, seconds > 0 { rates.observe(Double(tokens) / seconds) }
  }

  /// A job's counts have changed. Failed units that wait to be computed again are no commits taken back: counters only
  /// rise.
  mutating func countCommitted(_ counts: UnitCounts, before: UnitCounts, at now: MonotonicInstant) {
    let more = [
      Self.rise(&committed.done, counts.done, before.done), Self.rise(&committed.failed, counts.failed, before.failed),
      Self.rise(&committed.skipped, counts.skipped, before.skipped),
    ]
    if more.contains(true) { lastCommit = now }
  }

  private static func rise(_ counter: inout UInt64, _ count: UInt64, _ before: UInt64) -> Bool {
    guard count > before else { return false }
    counter &+= count - before
    return true
  }

  mutating func countLost(quarantined units: Int) {
    workersLost += 1
    quarantined += UInt64(max(0, units))
  }

  mutating func countExpiredLease() { leasesExpired += 1 }

  mutating func countEnded(_ phase: JobView.Phase) { jobsEnded[phase, default: 0] += 1 }

  mutating func observe(_ measurements: AggregatorMeasurements) {
    for seconds in measurements.commitSeconds where seconds >= 0 { commitSeconds.observe(seconds) }
    for (reason, count) in measurements.refused {
      refusedByAggregator[reason] = (refusedByAggregator[reason] ?? 0) &+ count
    }
  }
}
