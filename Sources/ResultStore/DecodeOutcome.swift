import GRDB
import SweepSpec

/// How a decode for which something was expected came out.
public struct DecodeOutcome: Hashable, Sendable {
  public let unit: UnitIndex
  /// The language decoded into.
  public let target: String
  public let isExact: Bool
  /// Of what was expected, `</s>` included.
  public let expectedTokens: Int
  /// The edit distance of the decoded tokens to them.
  public let tokenErrors: Int

  public init(unit: UnitIndex, target: String, isExact: Bool, expectedTokens: Int, tokenErrors: Int) {
    (self.unit, self.target, self.isExact) = (unit, target, isExact)
    (self.expectedTokens, self.tokenErrors) = (expectedTokens, tokenErrors)
  }
}

extension ResultReader {
  /// Calls `body` for every decode with an expectation, by unit and target, in a stream.
  public func forEachOutcome(_ body: (DecodeOutcome) throws -> Void) throws {
    try read { db in
      let sql = """
        SELECT unit, language, exact_match, expected_tokens, token_errors FROM decodes
        WHERE exact_match IS NOT NULL ORDER BY unit, language
        """
      let rows = try Row.fetchCursor(db, sql: sql)
      while let row = try rows.next() {
        try body(
          DecodeOutcome(
            unit: try row.natural(0), target: try row.text(1), isExact: try row.integer(2) == 1,
            expectedTokens: Int(try row.integer(3)), tokenErrors: Int(try row.integer(4))))
      }
    }
  }

  /// The text of a unit's decode and of what was expected, nil where nothing was; nil where there is no such decode.
  public func decodedText(of unit: UnitIndex, into target: String) throws -> (text: String, expected: String?)? {
    try read { db in
      let sql = "SELECT text, expected FROM decodes WHERE unit = ? AND language = ?"
      guard let row = try Row.fetchOne(db, sql: sql, arguments: [Int64(unit), target]) else { return nil }
      return (try row.text(0), row.isNull(1) ? nil : try row.text(1))
    }
  }

  /// Calls `body` for every decode, expectation or not, by unit and target, in a stream; `isExact` is nil without one.
  public func forEachDecode(_ body: (_ unit: UnitIndex, _ target: String, _ isExact: Bool?) throws -> Void) throws {
    try read { db in
      let rows = try Row.fetchCursor(
        db, sql: "SELECT unit, language, exact_match FROM decodes ORDER BY unit, language")
      while let row = try rows.next() {
        try body(try row.natural(0), try row.text(1), row.isNull(2) ? nil : try row.integer(2) == 1)
      }
    }
  }
}
