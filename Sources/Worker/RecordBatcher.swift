import FleetProtocol
import SonarModel
import SweepSpec

/// Gathers records into batches worth a message and a commit.
struct RecordBatcher {
  private static let maximumRecords = 64
  private static let maximumAge = Duration.milliseconds(50)

  /// Of the records at hand.
  private var job: (id: JobID, fingerprint: ModelFingerprint)?
  private var records: [Record] = []
  private var oldest: MonotonicInstant?
  private var nextBatch: UInt64 = 1

  /// Adds a record; the batch it fills or, when it belongs to another job, ends.
  mutating func add(_ record: Record, of job: Job, at now: MonotonicInstant) -> RecordBatch? {
    let finished = self.job?.id == job.id ? nil : take()
    self.job = (job.id, job.spec.model.fingerprint)
    records.append(record)
    if oldest == nil { oldest = now }
    return finished ?? (records.count >= Self.maximumRecords ? take() : nil)
  }

  /// The batch, if its first record has waited long enough.
  mutating func takeOld(at now: MonotonicInstant) -> RecordBatch? {
    oldest.map { now - $0 >= Self.maximumAge } == true ? take() : nil
  }

  /// The batch, however small.
  mutating func take() -> RecordBatch? {
    guard let job, !records.isEmpty else { return nil }
    defer {
      records = []
      oldest = nil
      nextBatch += 1
    }
    return RecordBatch(batch: BatchID(rawValue: nextBatch), job: job.id, fingerprint: job.fingerprint, records: records)
  }
}
