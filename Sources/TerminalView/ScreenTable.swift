/// A table that fits the screen: narrower ones have fewer columns.
struct ScreenTable<Row> {
  struct Column {
    let title: String
    /// Characters; nil for the one that takes what is left.
    let width: Int?
    var isRight = false
    /// The narrowest screen that has it.
    var from = 0
    let text: (Row) -> String
  }

  let columns: [Column]

  func header(width: Int) -> String { line(width) { $0.title } }

  func row(_ row: Row, width: Int) -> String { line(width) { $0.text(row) } }

  private func line(_ width: Int, _ cell: (Column) -> String) -> String {
    let shown = columns.filter { $0.from <= width }
    let fixed = shown.reduce(0) { $0 + ($1.width ?? 0) } + 2 * (shown.count - 1)
    return shown.map { column in
      let size = column.width ?? max(8, width - fixed)
      var text = cell(column)
      if text.count > size { text = size > 1 ? text.prefix(size - 1) + "…" : String(text.prefix(size)) }
      let blank = String(repeating: " ", count: size - text.count)
      return column.isRight ? blank + text : text + blank
    }.joined(separator: "  ")
  }
}
