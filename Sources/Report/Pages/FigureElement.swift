import Analysis

/// A figure in a page, with its caption and links to its files.
enum FigureElement {
  private static let mostDecodes = 150

  static func html(_ drawn: DrawnFigure) -> Markup {
    let caption: Markup = """
      <figcaption><p>\(drawn.caption)</p>\
      <p class="files"><a href="figures/\(drawn.name).svg">SVG</a> · <a href="figures/\(drawn.name).csv">CSV</a></p></figcaption>
      """
    guard case .decodes(let table) = drawn.figure.content else {
      return "<figure>\n<h3>\(drawn.figure.title)</h3>\n\(drawn.inline)\n\(caption)</figure>\n"
    }
    return "<figure class=\"wide\">\n\(decodes(table, drawn.figure))\(tableCaption(drawn, table))</figure>\n"
  }

  /// A table rather than a picture: it can be searched, copied and read aloud.
  private static func decodes(_ table: DecodeTable, _ figure: Figure) -> Markup {
    let hasExpected = table.rows.contains { $0.expected != nil }
    let columns =
      table.columns.map { Page.Column($0) } + (hasExpected ? [Page.Column("expected", .text)] : [])
      + [Page.Column("decoded", .text)]
    let rows: [[Markup]] = table.rows.prefix(mostDecodes).map { row in
      let labels = row.labels.map { Markup(escaping: $0) }
      guard let expected = row.expected else {
        return labels + (hasExpected ? [""] : []) + [Markup(escaping: row.text)]
      }
      let difference = TextDifference(expected: expected, text: row.text)
      return labels + [marked(difference.expected), marked(difference.text)]
    }
    return Page.table(caption: figure.title, columns, rows)
  }

  private static func tableCaption(_ drawn: DrawnFigure, _ table: DecodeTable) -> Markup {
    let note = Thinning.note(min(table.rows.count, mostDecodes), of: table.rows.count, "decodes")
    let text = ([drawn.figure.caption] + [note].compactMap(\.self)).joined(separator: " ")
    return """
      <figcaption><p>\(text)</p>\
      <p class="files"><a href="figures/\(drawn.name).svg">SVG</a> · <a href="figures/\(drawn.name).csv">CSV</a></p></figcaption>
      """
  }

  static func marked(_ pieces: [TextDifference.Piece]) -> Markup {
    pieces.map { $0.differs ? "<mark>\($0.text)</mark>" : Markup(escaping: $0.text) }.joined()
  }
}
