import FleetProtocol
import SonarModel
import SweepSpec

/// The disk of a simulated fleet: what is committed survives every crash. It keeps records as the result store does, a
/// unit once and for all.
struct SimulatedStore {
  let job: Job
  private(set) var records: [UnitIndex: Record.Outcome] = [:]
  private(set) var committed = UnitSet()
  private(set) var counts = UnitCounts()
  private(set) var isFinished = false
  /// Units whose failures were ever put back.
  private(set) var putBack = UnitSet()
  /// Units whose record came again and differed.
  private(set) var divergent: [UnitIndex] = []

  init(job: Job) { self.job = job }

  /// As `ResultStore.check`.
  func accepts(_ record: Record) -> Bool {
    guard record.unit < job.sweep.unitCount else { return false }
    guard case .done(let embedding, _, _) = record.outcome else { return true }
    return embedding.count == job.spec.model.dim && embedding.allSatisfy(\.isFinite)
  }

  mutating func commit(_ batch: [Record]) {
    for record in batch {
      if let stored = records[record.unit] {
        if stored != record.outcome, !Self.isQuarantine(stored), !Self.isQuarantine(record.outcome) {
          divergent.append(record.unit)
        }
        continue
      }
      records[record.unit] = record.outcome
      committed.insert(record.unit..<record.unit + 1)
      counts.add(of: record.status)
    }
  }

  /// Puts failed units back, all or those of one error code.
  mutating func removeFailures(code: String) {
    for (unit, outcome) in records {
      guard case .failed(let error) = outcome, code.isEmpty || error.code == code else { continue }
      records[unit] = nil
      committed.subtract(UnitSet(unit..<unit + 1))
      putBack.insert(unit..<unit + 1)
      counts.failed -= 1
      isFinished = false
    }
  }

  var isComplete: Bool { committed.count == job.sweep.unitCount }

  mutating func finish() { isFinished = true }

  static func isQuarantine(_ outcome: Record.Outcome) -> Bool {
    if case .failed(let error) = outcome { error.code == UnitError.quarantined } else { false }
  }

  var quarantined: [UnitIndex] { records.filter { Self.isQuarantine($0.value) }.map(\.key).sorted() }
}
