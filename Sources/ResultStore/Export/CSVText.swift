/// Rows as CSV (RFC 4180, with bare line feeds).
public enum CSVText {
  /// One row, its line end included.
  public static func row(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\n" }

  private static func cell(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2c && $0 != 0x0a && $0 != 0x0d }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
