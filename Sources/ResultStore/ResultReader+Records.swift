import GRDB
import SweepSpec

extension ResultReader {
  /// A committed unit with what came of it.
  public struct UnitRecord: Hashable, Sendable {
    public struct Decode: Hashable, Sendable {
      public let target: String
      public let text: String
      /// Nil where nothing exact was expected, as are the next two.
      public let expected: String?
      public let exactMatch: Bool?
      public let tokenErrors: Int?
      public let logProbability: Double
    }

    public let unit: UInt64
    /// `done`, `failed` or `skipped`.
    public let status: String
    public let labels: [String: String]
    public let decodes: [Decode]
    /// Why it failed; nil where it did not.
    public let error: (code: String, message: String)?

    public static func == (a: Self, b: Self) -> Bool {
      a.unit == b.unit && a.status == b.status && a.labels == b.labels && a.decodes == b.decodes
        && a.error?.code == b.error?.code && a.error?.message == b.error?.message
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(unit) }
  }

  /// Committed units by index, as of one moment.
  ///
  /// - Parameters:
  ///   - after: only units with a greater index.
  ///   - status: only those; all where nil.
  ///   - limit: how many at most.
  public func records(after: UInt64? = nil, status: String? = nil, limit: Int) throws -> [UnitRecord] {
    // SQLite's integers end there, and so do units.
    guard after ?? 0 < UInt64(Int64.max) else { return [] }
    let names = try axes().map(\.name)
    let columns = names.map { ", " + $0.quotedDatabaseIdentifier }.joined()
    return try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT unit, status\(columns) FROM labelled_units
          WHERE unit > ?1 AND (?2 IS NULL OR status = ?2) ORDER BY unit LIMIT ?3
          """, arguments: [after.map { Int64($0) } ?? -1, status, limit])
      let units = try rows.map { try $0.natural(0) }
      guard let first = units.first, let last = units.last else { return [] }
      let range: StatementArguments = [Int64(first), Int64(last)]
      let decodes = try Self.decodes(db, range)
      let errors = try Self.errors(db, range)
      return try zip(rows, units).map { row, unit in
        UnitRecord(
          unit: unit, status: try row.text(1),
          labels: Dictionary(names.enumerated().map { ($1, row.label(2 + $0)) }) { first, _ in first },
          decodes: decodes[unit] ?? [], error: errors[unit])
      }
    }
  }

  /// Whether nothing is left to do.
  public func isDone() throws -> Bool {
    try read { db in try Row.fetchOne(db, sql: "SELECT status FROM job")?.text(0) == "done" }
  }

  /// Committed units.
  public func committedCount() throws -> UInt64 {
    try read { db in try Row.fetchOne(db, sql: "SELECT count(*) FROM units")?.natural(0) ?? 0 }
  }

  private static func decodes(_ db: Database, _ range: StatementArguments) throws -> [UInt64: [UnitRecord.Decode]] {
    var result: [UInt64: [UnitRecord.Decode]] = [:]
    let sql = """
      SELECT unit, language, text, expected, exact_match, token_errors, log_probability FROM decodes
      WHERE unit BETWEEN ? AND ? ORDER BY unit, language
      """
    for row in try Row.fetchAll(db, sql: sql, arguments: range) {
      result[try row.natural(0), default: []].append(
        UnitRecord.Decode(
          target: try row.text(1), text: try row.text(2), expected: row.isNull(3) ? nil : try row.text(3),
          exactMatch: row.isNull(4) ? nil : try row.integer(4) == 1,
          tokenErrors: row.isNull(5) ? nil : Int(try row.integer(5)), logProbability: try row.real(6)))
    }
    return result
  }

  private static func errors(_ db: Database, _ range: StatementArguments) throws -> [UInt64: (String, String)] {
    var result: [UInt64: (String, String)] = [:]
    let sql = "SELECT unit, code, message FROM errors WHERE unit BETWEEN ? AND ?"
    for row in try Row.fetchAll(db, sql: sql, arguments: range) {
      result[try row.natural(0)] = (try row.text(1), try row.text(2))
    }
    return result
  }
}
