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
    var lines: [(number: Int, text: String)] = []
    // Split as bytes: to Swift, CR LF is one character.
    for (i, line) in content.trimmingByteOrderMark.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    {
      guard let line = String(validating: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self) else {
        throw Problem(line: i + 1, message: "the line is not UTF-8 text")
      }
      if !line.allSatisfy(\.isWhitespace), !line.hasPrefix("#") { lines.append((i + 1, line)) }
    }
    guard let header = lines.first else { throw Problem(line: 0, message: "the file has no header line") }
    let columns = header.text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    self.columns = columns
    for (i, column) in columns.enumerated() where columns[..<i].contains(column) {
      throw Problem(line: header.number, message: "two columns are named '\(column)'")
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

extension CorpusTable {
  /// Reads an asset. Throws `SweepError`: it was checked when the job was read, and should be a corpus.
  init(reading content: Data) throws {
    do {
      self = try CorpusTable(content)
    } catch let problem as Problem {
      throw SweepError("corpus line \(problem.line): \(problem.message)")
    }
  }

  /// Throws `SweepError` where there is no such column.
  func index(of column: String) throws -> Int {
    guard let index = columns.firstIndex(of: column) else { throw SweepError("the corpus has no column '\(column)'") }
    return index
  }

  /// What the first rows are called: the column `id`'s cells, else 1, 2, ...
  func labels(of rows: some Collection<Row>) -> Axis.Values {
    guard let column = columns.firstIndex(of: "id") else { return .range(start: 1, count: rows.count) }
    return .strings(rows.map { $0.cells[column] })
  }
}

extension Data {
  /// Without the UTF-8 mark some editors put at the start.
  fileprivate var trimmingByteOrderMark: Data { starts(with: [0xEF, 0xBB, 0xBF]) ? dropFirst(3) : self }
}
