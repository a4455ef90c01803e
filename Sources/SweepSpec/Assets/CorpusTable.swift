import Foundation

/// A corpus in tab-separated columns with a header line, UTF-8. Blank lines and lines starting with # are left out.
struct CorpusTable: Sendable {
  struct Row: Sendable {
    /// 1-based, in the file.
    let line: Int
    let cells: [String]
  }

  /// A mistake in a corpus, at a line of its file.
  struct Problem: Error {
    let line: Int
    let message: String
  }

  let columns: [String]
  let rows: [Row]

  init(_ content: Data) throws {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw Problem(line: 0, message: "the file is not UTF-8 text")
    }
    var lines: [(number: Int, text: Substring)] = []
    for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.hasSuffix("\r") ? line.dropLast() : line
      if !line.allSatisfy(\.isWhitespace), !line.hasPrefix("#") { lines.append((i + 1, line)) }
    }
    guard let header = lines.first else { throw Problem(line: 0, message: "the file has no header line") }
    let columns = header.text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    self.columns = columns
    guard Set(columns).count == columns.count else {
      throw Problem(line: header.number, message: "two columns have the same name")
    }
    rows = try lines.dropFirst().map { number, text in
      let cells = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard cells.count == columns.count else {
        throw Problem(line: number, message: "the line has \(cells.count) columns, the header has \(columns.count)")
      }
      return Row(line: number, cells: cells)
    }
    guard !rows.isEmpty else { throw Problem(line: header.number, message: "the file has no line after its header") }
  }
}
