import FleetProtocol

/// How many units were committed, all jobs together: now, and over the last ten minutes.
struct ThroughputHistory {
  struct Sample {
    let at: MonotonicInstant
    let unitsPerSecond: Double
  }

  private static let interval = Duration.seconds(2)
  private static let kept = 300

  /// Oldest first.
  private(set) var samples: [Sample] = []
  private var total: UInt64 = 0
  private var rate = CommitRate()
  private var last: (at: MonotonicInstant, total: UInt64)?

  func unitsPerSecond(at now: MonotonicInstant) -> Double { rate.unitsPerSecond(at: now) }

  mutating func count(_ units: UInt64, at now: MonotonicInstant) {
    // Numbers of the network may be anything; a sum of them only lasts.
    total = total.addingReportingOverflow(units).overflow ? .max : total + units
    rate.record(total: total, at: now)
  }

  /// Takes a sample when it is time.
  mutating func tick(at now: MonotonicInstant) {
    guard let last else {
      self.last = (now, total)
      return rate.record(total: total, at: now)
    }
    guard now - last.at >= Self.interval else { return }
    samples.append(Sample(at: now, unitsPerSecond: Double(total - last.total) / (now - last.at).seconds))
    if samples.count > Self.kept { samples.removeFirst() }
    rate.record(total: total, at: now)
    self.last = (now, total)
  }
}
