import GRDB
import SweepSpec

extension ResultReader {
  /// A committed unit with what came of it.
  public struct UnitRecord: Sendable {
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
  }

  /// Committed units by index, as of one moment.
  ///
  /// - Parameters:
  ///   - after: only units with a greater index.
  ///   - status: only those; all where nil.
  ///   - limit: how many at most.
  /// - Throws: `StoreError` where the catalogue cannot be read.
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
      let page: StatementArguments = [Int64(first), Int64(last), status]
      let decodes = try Self.decodes(db, page)
      let errors = try Self.errors(db, page)
      return try zip(rows, units).map { row, unit in
        UnitRecord(
          unit: unit, status: try row.text(1),
          labels: Dictionary(names.enumerated().map { ($1, row.label(2 + $0)) }) { first, _ in first },
          decodes: decodes[unit] ?? [], error: errors[unit])
      }
    }
  }

  /// Whether nothing is left to do.
  ///
  /// - Throws: `StoreError` where the catalogue cannot be read.
  public func isDone() throws -> Bool {
    try read { db in try Row.fetchOne(db, sql: "SELECT status FROM job")?.text(0) == "done" }
  }

  /// Committed units.
  ///
  /// - Throws: `StoreError` where the catalogue cannot be read.
  public func committedCount() throws -> UInt64 {
    try read { db in try Row.fetchOne(db, sql: "SELECT count(*) FROM units")?.natural(0) ?? 0 }
  }

  private static func decodes(_ db: Database, _ page: StatementArguments) throws -> [UInt64: [UnitRecord.Decode]] {
    var result: [UInt64: [UnitRecord.Decode]] = [:]
    let sql = """
      SELECT unit, language, text, expected, exact_match, token_errors, log_probability
      FROM decodes JOIN units USING (unit)
      WHERE unit BETWEEN ?1 AND ?2 AND (?3 IS NULL OR status = ?3) ORDER BY unit, language
      """
    for row in try Row.fetchAll(db, sql: sql, arguments: page) {
      result[try row.natural(0), default: []].append(
        UnitRecord.Decode(
          target: try row.text(1), text: try row.text(2), expected: row.isNull(3) ? nil : try row.text(3),
          exactMatch: row.isNull(4) ? nil : try row.integer(4) == 1,
          tokenErrors: row.isNull(5) ? nil : Int(try row.integer(5)), logProbability: try row.real(6)))
    }
    return result
  }

  private static func errors(_ db: Database, _ page: StatementArguments) throws -> [UInt64: (String, String)] {
    var result: [UInt64: (String, String)] = [:]
    let sql = """
      SELECT unit, code, message FROM errors JOIN units USING (unit)
      WHERE unit BETWEEN ?1 AND ?2 AND (?3 IS NULL OR status = ?3)
      """
    for row in try Row.fetchAll(db, sql: sql, arguments: page) {
      result[try row.natural(0)] = (try row.text(1), try row.text(2))
    }
    return result
  }
}
