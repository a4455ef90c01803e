import FleetProtocol
import Foundation
import GRDB
import SweepSpec

/// The jobs a coordinator has accepted and not seen end, on disk: what a coordinator that starts again goes on with.
/// What is committed of them is for the result store to say.
public final class JobJournal {
  private let queue: DatabaseQueue

  /// Opens the journal in a directory, making both where they are missing. Throws where another coordinator has it open.
  public init(directory: URL) throws {
    let path = directory.appending(path: "jobs.sqlite").path
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      var configuration = Configuration()
      // One coordinator at a time: the lock is held until the process ends, however it ends.
      configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL")
      }
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { db in
        try db.execute(
          sql: """
            CREATE TABLE IF NOT EXISTS jobs (
              position INTEGER PRIMARY KEY,     -- the order of submission
              id TEXT NOT NULL UNIQUE,
              payload BLOB NOT NULL             -- the protocol's 'submit' message
            )
            """)
      }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
      throw FleetError("another coordinator keeps its jobs in \(directory.path); give each its own --state directory")
    } catch {
      throw FleetError(
        "the jobs in \(path) cannot be read or written: \(error). If the file is damaged, move it away and submit again; "
          + "what is committed is in the result store")
    }
  }

  /// Durable when it returns.
  func keep(_ payload: JobPayload) throws {
    try queue.write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO jobs (id, payload) VALUES (?, ?)",
        arguments: [payload.job.rawValue, Data(FleetMessage.submit(payload).encoded())])
    }
  }

  func strike(_ job: JobID) throws {
    try queue.write { db in try db.execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [job.rawValue]) }
  }

  /// All jobs in the order they were submitted in; one that cannot be read any more is an error in its place.
  func jobs() throws -> [Result<Job, any Error>] {
    let payloads = try queue.read { try Data.fetchAll($0, sql: "SELECT payload FROM jobs ORDER BY position") }
    return payloads.map { payload in
      Result {
        guard case .submit(let payload) = try FleetMessage(decoding: Array(payload)) else {
          throw FleetError("an entry of the journal is no job")
        }
        return try payload.makeJob()
      }
    }
  }
}
