import Foundation
import GRDB
import SonarModel
import SweepSpec

/// The run's SQLite catalogue, open for writing, or for checking only.
///
/// Every method throws a `StoreError`: `damaged` where the file's content is at fault.
final class Catalogue {
  /// A worker's records with their array values, in the order of the job's arrays.
  typealias Batch = (worker: StoreWorker, records: [(record: SweepSpec.Record, arrays: [[Float]])])

  let path: String
  let queue: DatabaseQueue

  /// Opens the catalogue and checks all of it but the units; creates it for the job where there is none.
  ///
  /// - Parameter readOnly: for a catalogue that exists; changes nothing.
  init(path: String, job: Job, readOnly: Bool = false) throws {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(5)
    if !readOnly {
      // FULL syncs the log at every commit: a committed unit survives a power cut.
      configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
    }
    self.path = path
    if !readOnly, access(path, F_OK) != 0 { try Self.create(path, job, configuration) }
    let queue = try StoreError.translating(path) { try DatabaseQueue(path: path, configuration: configuration) }
    self.queue = queue
    do {
      try StoreError.translating(path) {
        try queue.read { db in try CatalogueInspection(path: path, job: job).run(db) }
        // Now that it is known to be ours.
        if !readOnly { try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") } }
      }
    } catch {
      try? queue.close()
      throw error
    }
  }

  /// Makes a new catalogue beside its place and moves it there: one that is there holds its job, whoever looks when.
  private static func create(_ path: String, _ job: Job, _ configuration: Configuration) throws {
    let partial = path + ".partial"
    // SQLite would take what is left of a former catalogue for the new one's.
    for file in ["\(partial)-journal", partial, "\(path)-journal", "\(path)-wal", "\(path)-shm"] { unlink(file) }
    try StoreError.translating(path) {
      let queue = try DatabaseQueue(path: partial, configuration: configuration)
      defer { try? queue.close() }
      try queue.write { db in try CatalogueSchema.create(db, job: job) }
    }
    try DurableFile.move(partial, to: path)
  }

  /// Inserts records of units that have none yet, in one transaction, durably.
  func commit(
    _ batches: [Batch], divergent: [(unit: UnitIndex, worker: StoreWorker)], refusals: Refusals
  ) throws {
    try write { db in
      for (worker, records) in batches where !records.isEmpty {
        let id = try Self.identifier(of: worker, db)
        for (record, arrays) in records {
          let stored = StoredRecord(record, worker: id)
          try Self.insert(stored, checksum: stored.checksum(arrays), db)
        }
      }
      for (unit, worker) in divergent {
        try db.execute(
          sql: "INSERT INTO divergences (unit, worker, detected_at) VALUES (?, ?, ?)",
          arguments: [Int64(unit), try Self.identifier(of: worker, db), Date.now.ISO8601Format()])
      }
      try refusals.write(db)
    }
  }

  /// The stored decodes of a unit by language, its status and its error.
  func stored(_ unit: UnitIndex) throws -> (status: String, texts: [String: String], error: String?)? {
    try read { db in
      guard
        let status = try String.fetchOne(db, sql: "SELECT status FROM units WHERE unit = ?", arguments: [Int64(unit)])
      else { return nil }
      let rows = try Row.fetchAll(
        db, sql: "SELECT language, token_ids FROM decodes WHERE unit = ?", arguments: [Int64(unit)])
      let error = try String.fetchOne(db, sql: "SELECT code FROM errors WHERE unit = ?", arguments: [Int64(unit)])
      let texts = try rows.map { (try $0.text(0), try $0.text(1)) }
      return (status, Dictionary(texts) { first, _ in first }, error)
    }
  }

  /// Deletes the failed units, all or those of one error code, and returns them. They are computed again.
  func removeFailures(code: String?) throws -> UnitSet {
    try write { db in
      let units = try Int64.fetchSet(
        db,
        sql: """
          SELECT units.unit FROM units JOIN errors ON errors.unit = units.unit
          WHERE status = 'failed' AND (?1 IS NULL OR code = ?1)
          """, arguments: [code])
      let removed = UnitSet(units.compactMap { UInt64(exactly: $0) }.map { $0..<$0 + 1 })
      try Self.delete(removed, db)
      if !removed.isEmpty { try Self.reopen(db) }
      return removed
    }
  }

  /// Deletes units that were found damaged, and rows that belong to no unit, and notes that in the catalogue.
  func repair(_ damaged: UnitSet, reason: String) throws {
    try write { db in
      try Self.delete(damaged, db)
      let count = try Int64.fetchOne(db, sql: "SELECT unit_count FROM job") ?? 0
      try db.execute(
        sql: """
          DELETE FROM decodes WHERE unit NOT IN (SELECT unit FROM units WHERE unit >= 0 AND unit < \(count));
          DELETE FROM errors WHERE unit NOT IN (SELECT unit FROM units WHERE unit >= 0 AND unit < \(count));
          DELETE FROM units WHERE unit < 0 OR unit >= \(count);
          DELETE FROM divergences WHERE worker NOT IN (SELECT id FROM workers);
          """)
      try db.execute(
        sql: "INSERT INTO repairs (units, reason, found_at) VALUES (?, ?, ?)",
        arguments: [Int64(damaged.count), reason, Date.now.ISO8601Format()])
      try Self.reopen(db)
    }
  }

  /// Whether rows refer to rows that are not there.
  func hasStrayRows() throws -> Bool {
    try read { db in
      let count = try Int64.fetchOne(db, sql: "SELECT unit_count FROM job") ?? 0
      let outside = "SELECT EXISTS (SELECT 1 FROM units WHERE unit < 0 OR unit >= \(count))"
      return try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") != nil || Bool.fetchOne(db, sql: outside) == true
    }
  }

  /// Marks the job done and, unless a reader has it open, folds the write-ahead log into the one file, so that it can be
  /// copied and opened read-only.
  func finish(refusals: Refusals) throws {
    try write { db in
      try refusals.write(db)
      try db.execute(
        sql: "UPDATE job SET status = 'done', finished_at = coalesce(finished_at, ?)",
        arguments: [Date.now.ISO8601Format()])
    }
    try StoreError.translating(path) {
      try queue.writeWithoutTransaction { db in
        do {
          // Not worth waiting for: SQLite folds the log when the last reader leaves.
          try db.execute(sql: "PRAGMA busy_timeout = 0")
          // To its end: what comes after the first row may fail.
          try db.execute(sql: "PRAGMA journal_mode = DELETE")
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {}
      }
    }
  }

  func close() throws { try StoreError.translating(path) { try queue.close() } }

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try StoreError.translating(path) { try queue.read(body) }
  }

  private func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try StoreError.translating(path) { try queue.write(body) }
  }

  private static func reopen(_ db: Database) throws {
    try db.execute(sql: "UPDATE job SET status = 'running', finished_at = NULL")
  }

  private static func delete(_ units: UnitSet, _ db: Database) throws {
    for table in ["decodes", "errors", "units"] {
      let delete = try db.makeStatement(sql: "DELETE FROM \(table) WHERE unit >= ? AND unit < ?")
      for range in units.ranges { try delete.execute(arguments: [Int64(range.lowerBound), Int64(range.upperBound)]) }
    }
  }

  private static func identifier(of worker: StoreWorker, _ db: Database) throws -> Int64 {
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO workers (instance, name) VALUES (?, ?)")
      .execute(arguments: [worker.instance, worker.name])
    let sql = "SELECT id FROM workers WHERE instance = ?"
    return try Int64.fetchOne(db, sql: sql, arguments: [worker.instance]) ?? 0
  }

  private static func insert(_ record: StoredRecord, checksum: Int64, _ db: Database) throws {
    let unit = Int64(record.unit)
    try db.cachedStatement(
      sql: "INSERT INTO units (unit, status, attempts, worker, seconds, checksum) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [unit, record.status, record.attempts, record.worker, record.seconds, checksum])
    for decode in record.decodes {
      try db.cachedStatement(
        sql: """
          INSERT INTO decodes (unit, language, text, token_ids, log_probability, score, exact_match, expected,
            expected_tokens, token_errors) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        unit, decode.language, decode.text, decode.tokenIDs, decode.logProbability, decode.score, decode.exactMatch,
        decode.expectation?.text, decode.expectation?.tokens, decode.expectation?.errors,
      ])
    }
    if let failure = record.failure {
      try db.cachedStatement(sql: "INSERT INTO errors (unit, code, message) VALUES (?, ?, ?)")
        .execute(arguments: [unit, failure.code, failure.message])
    }
  }
}

/// A worker as the catalogue names it.
public struct StoreWorker: Hashable, Sendable {
  /// Of the process.
  public let instance: String
  /// For people.
  public let name: String

  public init(instance: String, name: String) {
    self.instance = instance
    self.name = name
  }
}
