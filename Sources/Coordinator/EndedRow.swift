import Foundation
import GRDB
import SweepSpec

/// A job that ended, as a row of the journal.
struct EndedRow: Codable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "ended"

  private let id, name, kind, model, precision, phase: String
  private let priority: Int
  private let owner: String
  private let submitted_at: Double
  private let started_at, ended_at: Double?
  // SQLite's integers are signed; a sweep has at most 2^63 - 1 units.
  private let units, done, failed, skipped: Int64
  private let units_per_second: Double
  private let problem: String

  init(_ view: JobView) {
    (id, name, kind, model) = (view.id.rawValue, view.name, view.kind, view.model)
    (precision, phase, priority) = (view.precision, view.phase.rawValue, view.priority.rawValue)
    owner = view.owner
    submitted_at = view.submittedAt.timeIntervalSince1970
    started_at = view.startedAt?.timeIntervalSince1970
    ended_at = view.endedAt?.timeIntervalSince1970
    (units, done) = (Int64(clamping: view.units), Int64(clamping: view.counts.done))
    (failed, skipped) = (Int64(clamping: view.counts.failed), Int64(clamping: view.counts.skipped))
    units_per_second = view.unitsPerSecond
    problem = view.problem
  }

  var view: JobView? {
    guard let id = JobID(rawValue: id), let phase = JobView.Phase(rawValue: phase), phase.hasEnded,
      min(units, done, failed, skipped) >= 0
    else { return nil }
    return JobView(
      id: id, name: name, kind: kind, model: model, precision: precision, phase: phase,
      priority: JobPriority(clamping: priority), owner: owner, submittedAt: Date(timeIntervalSince1970: submitted_at),
      startedAt: started_at.map { Date(timeIntervalSince1970: $0) },
      endedAt: ended_at.map { Date(timeIntervalSince1970: $0) }, units: UInt64(units),
      counts: UnitCounts(done: UInt64(done), failed: UInt64(failed), skipped: UInt64(skipped)),
      unitsPerSecond: units_per_second, workers: 0, leases: 0, problem: problem)
  }
}
