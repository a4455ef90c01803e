import Foundation
import GRDB
import SonarModel
import SweepSpec

/// The run's SQLite catalogue, open for writing.
final class Catalogue {
  private let queue: DatabaseQueue

  /// Opens the catalogue, creating it for the job where there is none.
  init(path: String, job: Job) throws {
    var configuration = Configuration()
    configuration.journalMode = .wal
    // FULL syncs the log at every commit: a committed unit survives a power cut.
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000") }
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { db in
      guard try db.tableExists("job") else { return try Self.create(db, job: job) }
      let stored = try String.fetchOne(db, sql: "SELECT spec FROM job")
      guard stored == String(decoding: job.canonicalSpec, as: UTF8.self) else {
        throw StoreError(.mismatch, "\(path) holds another job; move it away or choose another --results directory")
      }
    }
  }

  private static func create(_ db: Database, job: Job) throws {
    try CatalogueSchema.create(db, job: job)
    try db.execute(
      sql: """
        INSERT INTO job (id, name, spec, kind, model, model_fingerprint, precision, dim, unit_count, status, created_at,
          schema_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)
        """,
      arguments: [
        job.id.rawValue, job.spec.name, String(decoding: job.canonicalSpec, as: UTF8.self),
        type(of: job.spec.sweep.kind).name, job.spec.model.name, job.spec.model.fingerprint.rawValue,
        job.spec.model.precisionName, job.spec.model.dim, Int64(job.sweep.unitCount), Date.now.ISO8601Format(),
        CatalogueSchema.version,
      ])
    for (reference, content) in job.assets.all {
      try db.execute(
        sql: "INSERT INTO assets (sha256, content) VALUES (?, ?)", arguments: [reference.sha256, content])
    }
  }

  /// All committed units. Reads the units' index once.
  func committedUnits() throws -> UnitSet {
    try queue.read { db in
      var set = UnitSet()
      var run: UnitRange?
      let units = try Int64.fetchCursor(db, sql: "SELECT unit FROM units ORDER BY unit")
      while let unit = try units.next().map({ UnitIndex($0) }) {
        if let current = run, current.upperBound == unit {
          run = current.lowerBound..<unit + 1
        } else {
          if let run { set.insert(run) }
          run = unit..<unit + 1
        }
      }
      if let run { set.insert(run) }
      return set
    }
  }

  func counts() throws -> UnitCounts {
    try queue.read { db in
      var counts = UnitCounts()
      for row in try Row.fetchAll(db, sql: "SELECT status, count(*) AS n FROM units GROUP BY status") {
        if let status = UnitStatus(rawValue: row["status"]) { counts.add(UInt64(row["n"] as Int64), of: status) }
      }
      return counts
    }
  }

  /// Inserts records of units that have none yet, in one transaction, durably.
  func commit(
    _ batches: [(worker: StoreWorker, records: [SweepSpec.Record])], divergent: [(unit: UnitIndex, worker: StoreWorker)]
  ) throws {
    try queue.write { db in
      for (worker, records) in batches where !records.isEmpty {
        let id = try Self.identifier(of: worker, db)
        for record in records { try Self.insert(record, worker: id, db) }
      }
      for (unit, worker) in divergent {
        try db.execute(
          sql: "INSERT INTO divergences (unit, worker, detected_at) VALUES (?, ?, ?)",
          arguments: [Int64(unit), try Self.identifier(of: worker, db), Date.now.ISO8601Format()])
      }
    }
  }

  /// The stored decodes of a unit, in the order of the job's languages, and its error.
  func stored(_ unit: UnitIndex) throws -> (status: String, texts: [String: String], error: String?)? {
    try queue.read { db in
      guard
        let status = try String.fetchOne(db, sql: "SELECT status FROM units WHERE unit = ?", arguments: [Int64(unit)])
      else { return nil }
      let rows = try Row.fetchAll(
        db, sql: "SELECT language, token_ids FROM decodes WHERE unit = ?", arguments: [Int64(unit)])
      let error = try String.fetchOne(db, sql: "SELECT code FROM errors WHERE unit = ?", arguments: [Int64(unit)])
      return (status, Dictionary(uniqueKeysWithValues: rows.map { ($0["language"], $0["token_ids"]) }), error)
    }
  }

  /// Marks the job done and, unless a reader has it open, folds the write-ahead log into the one file, so that it can be
  /// copied and opened read-only.
  func finish() throws {
    try queue.write { db in
      try db.execute(
        sql: "UPDATE job SET status = 'done', finished_at = coalesce(finished_at, ?)",
        arguments: [Date.now.ISO8601Format()])
    }
    try queue.writeWithoutTransaction { db in
      do {
        // Not worth waiting for: SQLite folds the log when the last reader leaves.
        try db.execute(sql: "PRAGMA busy_timeout = 0")
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
      } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {}
    }
  }

  func close() throws { try queue.close() }

  private static func identifier(of worker: StoreWorker, _ db: Database) throws -> Int64 {
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO workers (instance, name) VALUES (?, ?)")
      .execute(arguments: [worker.instance, worker.name])
    let sql = "SELECT id FROM workers WHERE instance = ?"
    return try Int64.fetchOne(db, sql: sql, arguments: [worker.instance]) ?? 0
  }

  private static func insert(_ record: SweepSpec.Record, worker: Int64, _ db: Database) throws {
    let unit = Int64(record.unit)
    try db.cachedStatement(sql: "INSERT INTO units (unit, status, attempts, worker, seconds) VALUES (?, ?, ?, ?, ?)")
      .execute(arguments: [unit, record.status.rawValue, record.attempt, worker, record.seconds])
    switch record.outcome {
    case .done(_, let decodes):
      let insert = try db.cachedStatement(
        sql: """
          INSERT INTO decodes (unit, language, text, token_ids, log_probability, score, exact_match)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """)
      for decode in decodes {
        try insert.execute(
          arguments: [
            unit, decode.language.rawValue, decode.text, decode.ids.json, Double(decode.logProbability),
            decode.score.map { Double($0) }, decode.exactMatch,
          ])
      }
    case .failed(let error):
      try db.cachedStatement(sql: "INSERT INTO errors (unit, code, message) VALUES (?, ?, ?)")
        .execute(arguments: [unit, error.code, error.message])
    case .skipped: break
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

extension [TokenID] {
  var json: String { "[" + map { String($0.rawValue) }.joined(separator: ",") + "]" }
}
