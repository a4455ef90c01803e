import FleetProtocol
import FleetSecurity

/// What an aggregator has measured and not told yet. Bounded, whether anybody wants to know or not.
struct CommitMeter {
  private var started: MonotonicInstant?
  private var commitSeconds: [Double] = []
  private var pendingBytes: UInt64 = 0
  private var toldRefusals = RefusalCounts()

  /// A commit of so many bytes was decided on.
  mutating func start(pendingBytes bytes: Int, at now: MonotonicInstant) {
    started = now
    pendingBytes = max(pendingBytes, UInt64(max(0, bytes)))
  }

  /// It is durable.
  mutating func end(at now: MonotonicInstant) {
    guard let started else { return }
    if commitSeconds.count < AggregatorMeasurements.mostCommits { commitSeconds.append((now - started).seconds) }
    self.started = nil
  }

  /// What was measured since the last time.
  ///
  /// - Parameters:
  ///   - bytes: what waits for a commit now; where commits fail, none was begun.
  ///   - counts: refusals so far, by reason.
  mutating func take(_ disk: DiskSpace, pendingBytes bytes: Int, refused counts: [String: UInt64])
    -> AggregatorMeasurements
  {
    let refused = RefusalCounts(counts)
    defer { (commitSeconds, pendingBytes, toldRefusals) = ([], 0, refused) }
    return AggregatorMeasurements(
      commitSeconds: commitSeconds, pendingBytes: max(pendingBytes, UInt64(max(0, bytes))),
      diskFreeBytes: disk.freeBytes,
      diskSizeBytes: disk.sizeBytes, refused: refused.since(toldRefusals).byReason)
  }
}
