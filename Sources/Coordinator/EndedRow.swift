import Foundation
import GRDB
import SweepSpec

/// A job that ended, as a row of the journal.
struct EndedRow: Codable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "ended"

  private enum CodingKeys: String, CodingKey {
    case id, name, kind, model, precision, phase, priority, owner, units, done, failed, skipped, problem
    case submittedAt = "submitted_at"
    case startedAt = "started_at"
    case endedAt = "ended_at"
    case unitsPerSecond = "units_per_second"
  }

  private let id, name, kind, model, precision, phase: String
  private let priority: Int
  private let owner: String
  private let submittedAt: Double
  private let startedAt, endedAt: Double?
  // SQLite's integers are signed; a sweep has at most 2^63 - 1 units.
  private let units, done, failed, skipped: Int64
  private let unitsPerSecond: Double
  private let problem: String

  init(_ view: JobView) {
    (id, name, kind, model) = (view.id.rawValue, view.name, view.kind, view.model)
    (precision, phase, priority) = (view.precision, view.phase.rawValue, view.priority.rawValue)
    owner = view.owner
    submittedAt = view.submittedAt.timeIntervalSince1970
    startedAt = view.startedAt?.timeIntervalSince1970
    endedAt = view.endedAt?.timeIntervalSince1970
    (units, done) = (Int64(clamping: view.units), Int64(clamping: view.counts.done))
    (failed, skipped) = (Int64(clamping: view.counts.failed), Int64(clamping: view.counts.skipped))
    unitsPerSecond = view.unitsPerSecond
    problem = view.problem
  }

  var view: JobView? {
    guard let id = JobID(rawValue: id), let phase = JobView.Phase(rawValue: phase), phase.hasEnded,
      min(units, done, failed, skipped) >= 0
    else { return nil }
    return JobView(
      id: id, name: name, kind: kind, model: model, precision: precision, phase: phase,
      priority: JobPriority(clamping: priority), owner: owner, submittedAt: Date(timeIntervalSince1970: submittedAt),
      startedAt: startedAt.map { Date(timeIntervalSince1970: $0) },
      endedAt: endedAt.map { Date(timeIntervalSince1970: $0) }, units: UInt64(units),
      counts: UnitCounts(done: UInt64(done), failed: UInt64(failed), skipped: UInt64(skipped)),
      unitsPerSecond: unitsPerSecond, workers: 0, leases: 0, problem: problem)
  }
}
