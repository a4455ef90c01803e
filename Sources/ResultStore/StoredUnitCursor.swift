import GRDB
import SweepSpec

/// A committed unit's row and its decodes.
public struct StoredUnit: Sendable {
  public struct Decode: Sendable {
    public let target: String
    public let text: String
    /// Nil, as the next two, where nothing was expected.
    public let expected: String?
    public let exactMatch: Bool?
    public let tokenErrors: Int?
    public let logProbability: Double
  }

  public let unit: UnitIndex
  /// `done`, `failed` or `skipped`.
  public let status: String
  /// By target language.
  public let decodes: [Decode]
}

/// Goes over a run's committed units by index, one at a time.
public final class StoredUnitCursor {
  private let rows: RowCursor
  /// The first row of the unit that comes next.
  private var pending: Row?

  fileprivate init(_ rows: RowCursor) throws {
    self.rows = rows
    pending = try rows.next()?.copy()
  }

  /// Nil after the last one.
  public func next() throws -> StoredUnit? {
    guard let first = pending else { return nil }
    let unit = try first.natural(0)
    var decodes: [StoredUnit.Decode] = []
    while let row = pending, try row.natural(0) == unit {
      if let decode = try Self.decode(row) { decodes.append(decode) }
      pending = try rows.next()?.copy()
    }
    return StoredUnit(unit: unit, status: try first.text(1), decodes: decodes)
  }

  private static func decode(_ row: Row) throws -> StoredUnit.Decode? {
    guard !row.isNull(2) else { return nil }
    return StoredUnit.Decode(
      target: try row.text(2), text: try row.text(3), expected: row.isNull(4) ? nil : try row.text(4),
      exactMatch: row.isNull(5) ? nil : try row.integer(5) == 1,
      tokenErrors: row.isNull(6) ? nil : Int(try row.integer(6)), logProbability: try row.real(7))
  }
}

extension ResultReader {
  /// Calls `body` with a cursor over the committed units as they are now; the cursor lives as long as the call.
  public func withUnits<Result>(_ body: (StoredUnitCursor) throws -> Result) throws -> Result {
    try read { db in
      let sql = """
        SELECT units.unit, status, language, text, expected, exact_match, token_errors, log_probability
        FROM units LEFT JOIN decodes ON decodes.unit = units.unit ORDER BY units.unit, language
        """
      return try body(StoredUnitCursor(Row.fetchCursor(db, sql: sql)))
    }
  }
}
