import FleetProtocol
import Foundation
import GRDB
import SweepSpec

/// The jobs a coordinator has accepted and not seen end, and how the last ones ended, on disk: what a coordinator that
/// starts again goes on with. What is committed of them is for the result store to say.
public final class JobJournal {
  private let queue: DatabaseQueue
  private let path: String

  /// Opens the journal in a directory, making both where they are missing; one of an earlier release is brought up to
  /// date.
  ///
  /// - Throws: `FleetError` where another coordinator has it open, or it cannot be read or written.
  public init(directory: URL) throws {
    path = directory.appending(path: "jobs.sqlite").path
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      var configuration = Configuration()
      // One coordinator at a time: the lock is held until the process ends, however it ends.
      configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL")
      }
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { try JobJournalSchema.migrate($0) }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
      throw FleetError("another coordinator keeps its jobs in \(directory.path); give each its own --state directory")
    } catch let error as FleetError {
      throw error
    } catch {
      throw FleetError(
        "the jobs in \(path) cannot be read or written: \(error). If the file is damaged, move it away and submit again; "
          + "what is committed is in the result store")
    }
  }

  /// Durable when it returns.
  package func keep(_ record: JobRecord) throws {
    try write { db in
      try db.execute(
        sql: """
          UPDATE jobs SET priority = ?, owner = ?, submitted_at = ?, started_at = ?, paused = ?, retries = ? WHERE id = ?
          """,
        arguments: [
          record.priority.rawValue, record.owner, record.submittedAt.timeIntervalSince1970,
          record.startedAt?.timeIntervalSince1970, record.isPaused, try JobRow.text(of: record.retries),
          record.job.id.rawValue,
        ])
      if db.changesCount > 0 { return }
      // Only a new job's spec and assets are written: they may be large.
      let row = try JobRow(record)
      try row.insert(db)
      try db.execute(sql: "DELETE FROM ended WHERE id = ?", arguments: [row.id])
    }
  }

  /// The job has ended so; of those that ended, the last are kept. Durable when it returns.
  package func end(_ view: JobView, keeping limit: Int) throws {
    try write { db in
      try db.execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [view.id.rawValue])
      try db.execute(sql: "DELETE FROM ended WHERE id = ?", arguments: [view.id.rawValue])
      try EndedRow(view).insert(db)
      try db.execute(
        sql: """
          DELETE FROM ended
          WHERE position <= (SELECT position FROM ended ORDER BY position DESC LIMIT 1 OFFSET ?)
          """, arguments: [limit])
    }
  }

  /// All jobs in the order they were submitted in; one that cannot be read any more is an error in its place.
  package func jobs() throws -> [Result<JobRecord, any Error>] {
    let rows = try queue.read { db in try JobRow.fetchAll(db, sql: "SELECT * FROM jobs ORDER BY position") }
    return rows.map { row in Result { try row.record() } }
  }

  /// The oldest first. Rows that make no sense are left out.
  package func endedJobs() throws -> [JobView] {
    try queue.read { db in try EndedRow.order(Column("position")).fetchAll(db).compactMap(\.view) }
  }

  private func write(_ change: (Database) throws -> Void) throws {
    do {
      try queue.write(change)
    } catch {
      throw JournalError(path, error)
    }
  }
}
