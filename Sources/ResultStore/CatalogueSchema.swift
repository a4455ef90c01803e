import Foundation
import GRDB
import SonarModel
import SweepSpec

/// The catalogue's tables and views. `labelled_units` and `labelled_decodes` have one column per axis and attribute, so
/// that SQL can ask by label.
enum CatalogueSchema {
  /// Stands in the job's row and in SQLite's own `user_version`, so that damage to one is not taken for an older store.
  static let version = 3

  static func create(_ db: Database, job: Job) throws {
    try db.execute(sql: "PRAGMA user_version = \(version)")
    try db.execute(
      sql: """
        CREATE TABLE job (
          id TEXT NOT NULL PRIMARY KEY,
          name TEXT NOT NULL,
          spec TEXT NOT NULL,               -- canonical JSON
          kind TEXT NOT NULL,
          model TEXT NOT NULL,
          model_fingerprint TEXT NOT NULL,
          precision TEXT NOT NULL,
          dim INTEGER NOT NULL,
          unit_count INTEGER NOT NULL,
          status TEXT NOT NULL,             -- running, done
          created_at TEXT NOT NULL,         -- ISO 8601, UTC
          finished_at TEXT,
          schema_version INTEGER NOT NULL
        );
        CREATE TABLE assets (sha256 TEXT NOT NULL PRIMARY KEY, content BLOB NOT NULL);
        CREATE TABLE axes (
          position INTEGER NOT NULL PRIMARY KEY,
          name TEXT NOT NULL,
          size INTEGER NOT NULL,
          start INTEGER                     -- first value of an axis of consecutive integers, else NULL
        );
        CREATE TABLE axis_values (          -- of the axes without a start
          axis INTEGER NOT NULL REFERENCES axes(position),
          position INTEGER NOT NULL,
          value NOT NULL,
          PRIMARY KEY (axis, position)
        ) WITHOUT ROWID;
        CREATE TABLE axis_attributes (      -- second labels of axes' values
          axis INTEGER NOT NULL REFERENCES axes(position),
          name TEXT NOT NULL,
          position INTEGER NOT NULL,
          value NOT NULL,
          PRIMARY KEY (axis, name, position)
        ) WITHOUT ROWID;
        CREATE TABLE vectors (              -- that the sweep uses
          name TEXT NOT NULL PRIMARY KEY,
          asset TEXT NOT NULL REFERENCES assets(sha256), -- a .npy file
          rows TEXT                         -- JSON array of a table's labels; NULL of a single vector
        ) WITHOUT ROWID;
        CREATE TABLE findings (             -- what analyses found
          id INTEGER NOT NULL PRIMARY KEY,
          analysis TEXT NOT NULL,
          question TEXT NOT NULL,
          measure TEXT NOT NULL,
          labels TEXT NOT NULL,             -- JSON object, keys sorted
          value REAL NOT NULL,
          low REAL,                         -- of a 95% interval, where there is one
          high REAL,
          method TEXT,                      -- of the interval
          p_value REAL,
          n INTEGER NOT NULL
        );
        CREATE TABLE workers (id INTEGER NOT NULL PRIMARY KEY, instance TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
        CREATE TABLE units (
          unit INTEGER NOT NULL PRIMARY KEY, -- row-major index
          status TEXT NOT NULL,              -- done, failed, skipped
          attempts INTEGER NOT NULL,
          worker INTEGER NOT NULL REFERENCES workers(id),
          seconds REAL NOT NULL,
          checksum INTEGER NOT NULL          -- of the unit's rows and array values
        );
        CREATE TABLE decodes (
          unit INTEGER NOT NULL REFERENCES units(unit),
          language TEXT NOT NULL,
          text TEXT NOT NULL,
          token_ids TEXT NOT NULL,           -- JSON array, with </s> where it was generated
          log_probability REAL NOT NULL,
          score REAL,                        -- beam search's, else NULL
          exact_match INTEGER,               -- NULL where nothing is expected, as are the rest
          expected TEXT,                     -- what an exact decode would be
          expected_tokens INTEGER,           -- its tokens, </s> included
          token_errors INTEGER,              -- Levenshtein distance of its ids to token_ids
          PRIMARY KEY (unit, language)
        ) WITHOUT ROWID;
        CREATE TABLE errors (
          unit INTEGER NOT NULL PRIMARY KEY REFERENCES units(unit),
          code TEXT NOT NULL,
          message TEXT NOT NULL
        );
        CREATE TABLE divergences (          -- records that arrived again and differed from what is stored
          unit INTEGER NOT NULL,
          worker INTEGER NOT NULL REFERENCES workers(id),
          detected_at TEXT NOT NULL
        );
        CREATE TABLE refusals (             -- records that did not fit the job
          worker TEXT NOT NULL,             -- its name
          reason TEXT NOT NULL,             -- a short word
          count INTEGER NOT NULL,
          example TEXT NOT NULL,            -- the last one's reason in full
          last_at TEXT NOT NULL,
          PRIMARY KEY (worker, reason)
        ) WITHOUT ROWID;
        CREATE TABLE repairs (              -- what was found damaged when the store was opened
          units INTEGER NOT NULL,           -- that had to be computed again
          reason TEXT NOT NULL,
          found_at TEXT NOT NULL
        );
        """)
    try insertJob(db, job)
    try insertAxes(db, job.sweep.axes)
    try insertVectors(db, job.spec.sweep.kind.vectors)
    try createViews(db, job.sweep.axes)
  }

  private static func insertJob(_ db: Database, _ job: Job) throws {
    try db.execute(
      sql: """
        INSERT INTO job (id, name, spec, kind, model, model_fingerprint, precision, dim, unit_count, status, created_at,
          schema_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)
        """,
      arguments: [
        job.id.rawValue, job.spec.name, String(decoding: job.canonicalSpec, as: UTF8.self),
        type(of: job.spec.sweep.kind).name, job.spec.model.name, job.spec.model.fingerprint.rawValue,
        job.spec.model.precisionName, job.spec.model.dim, Int64(job.sweep.unitCount), Date.now.ISO8601Format(), version,
      ])
    for (reference, content) in job.assets.all {
      try db.execute(
        sql: "INSERT INTO assets (sha256, content) VALUES (?, ?)", arguments: [reference.sha256, content])
    }
  }

  private static func insertAxes(_ db: Database, _ axes: [Axis]) throws {
    for (i, axis) in axes.enumerated() {
      let start: Int? = if case .range(let start, _) = axis.values { start } else { nil }
      try db.execute(
        sql: "INSERT INTO axes (position, name, size, start) VALUES (?, ?, ?, ?)",
        arguments: [i, axis.name, axis.count, start])
      if start == nil {
        let insert = try db.makeStatement(sql: "INSERT INTO axis_values (axis, position, value) VALUES (?, ?, ?)")
        for position in 0..<axis.count {
          try insert.execute(arguments: [i, position, axis.values.databaseValue(at: position)])
        }
      }
      let insert = try db.makeStatement(
        sql: "INSERT INTO axis_attributes (axis, name, position, value) VALUES (?, ?, ?, ?)")
      for attribute in axis.attributes {
        for position in 0..<axis.count {
          try insert.execute(
            arguments: [i, attribute.name, position, attribute.values.databaseValue(at: position)])
        }
      }
    }
  }

  private static func insertVectors(_ db: Database, _ vectors: [VectorReference]) throws {
    let insert = try db.makeStatement(sql: "INSERT INTO vectors (name, asset, rows) VALUES (?, ?, ?)")
    for vector in Set(vectors) {
      let rows = try vector.rows.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
      try insert.execute(arguments: [vector.name, vector.asset.sha256, rows])
    }
  }

  private static func createViews(_ db: Database, _ axes: [Axis]) throws {
    var columns: [String] = []
    var attributes: [String] = []
    var joins: [String] = []
    var stride: UInt64 = 1
    for (i, axis) in axes.enumerated().reversed() {
      let index = "(units.unit / \(stride)) % \(axis.count)"
      if case .range(let start, _) = axis.values {
        columns.insert("\(index) + \(start) AS \(axis.name.quotedDatabaseIdentifier)", at: 0)
      } else {
        columns.insert("axis\(i).value AS \(axis.name.quotedDatabaseIdentifier)", at: 0)
        joins.append("JOIN axis_values AS axis\(i) ON axis\(i).axis = \(i) AND axis\(i).position = \(index)")
      }
      for (j, attribute) in axis.attributes.enumerated().reversed() {
        let (table, name) = ("attribute\(i)_\(j)", attribute.name)
        attributes.insert("\(table).value AS \(name.quotedDatabaseIdentifier)", at: 0)
        joins.append(
          """
          JOIN axis_attributes AS \(table) ON \(table).axis = \(i) AND \(table).name = \(try name.sqlLiteral(db))
            AND \(table).position = \(index)
          """)
      }
      stride *= UInt64(axis.count)
    }
    let (labels, from) = ((columns + attributes).joined(separator: ", "), "FROM units \(joins.joined(separator: " "))")
    try db.execute(
      sql: """
        CREATE VIEW labelled_units AS
          SELECT units.unit, \(labels), status, attempts, workers.name AS worker, seconds
          \(from) JOIN workers ON workers.id = units.worker;
        CREATE VIEW labelled_decodes AS
          SELECT units.unit, \(labels), decodes.language AS target, text, expected, token_ids, log_probability, score,
            exact_match, expected_tokens, token_errors
          \(from) JOIN decodes ON decodes.unit = units.unit;
        """)
  }
}

extension Axis.Values {
  fileprivate func databaseValue(at index: Int) -> any DatabaseValueConvertible {
    switch self {
    case .strings(let values): values[index]
    case .integers(let values): values[index]
    case .numbers(let values): values[index]
    case .range(let start, _): start + index
    }
  }
}

extension String {
  /// As a literal in SQL, for views, which take no arguments.
  fileprivate func sqlLiteral(_ db: Database) throws -> String {
    try String.fetchOne(db, sql: "SELECT quote(?)", arguments: [self]) ?? "''"
  }
}
