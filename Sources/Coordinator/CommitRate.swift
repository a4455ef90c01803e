import FleetProtocol

/// Committed units per second over the last few seconds.
struct CommitRate {
  private static let window = Duration.seconds(5)
  private var samples: [(at: MonotonicInstant, total: UInt64)] = []

  mutating func record(total: UInt64, at now: MonotonicInstant) {
    // Ten samples a second are enough; a busy aggregator commits more often.
    if samples.count >= 2, now - samples[samples.count - 2].at < .milliseconds(100) { samples.removeLast() }
    samples.append((now, total))
    while samples.count > 2, now - samples[1].at > Self.window { samples.removeFirst() }
  }

  func unitsPerSecond(at now: MonotonicInstant) -> Double {
    guard let first = samples.first, let last = samples.last, last.total > first.total else { return 0 }
    return Double(last.total - first.total) / max((now - first.at).seconds, 1e-3)
  }
}
