/// A whole HTML document that asks for nothing from outside, and what pages are made of.
enum Page {
  /// - Parameter title: of the document; its first heading.
  static func document(title: String, body: Markup) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline';img-src data:">
    <link rel="icon" href="data:,">
    <title>\(Markup(escaping: title).text)</title>
    <style>
    \(Stylesheet.text)</style>
    </head>
    <body>
    \(body.text)
    </body>
    </html>

    """
  }

  /// A column of a table.
  struct Column {
    let title: String
    let kind: Kind

    enum Kind: String {
      case plain
      case number
      case text
    }

    init(_ title: String, _ kind: Kind = .plain) { (self.title, self.kind) = (title, kind) }
  }

  /// A table that scrolls by itself where it is wider than the page.
  static func table(caption: String, _ columns: [Column], _ rows: [[Markup]]) -> Markup {
    let head: [Markup] = columns.map { #"<th scope="col"\#(style($0))>\#($0.title)</th>"# }
    let body: [Markup] = rows.map { cells in
      let cells: [Markup] = zip(columns, cells).map { column, cell in
        let direction: Markup = column.kind == .text ? #" dir="auto""# : ""
        return "<td\(style(column))\(direction)>\(cell)</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(caption)"><table>
      <caption>\(caption)</caption>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body)</tbody></table></div>

      """
  }

  /// Terms and what they are.
  static func list(_ entries: [(term: String, value: Markup)]) -> Markup {
    let entries: [Markup] = entries.map { "<dt>\($0.term)</dt><dd>\($0.value)</dd>\n" }
    return "<dl>\n\(entries)</dl>\n"
  }

  private static func style(_ column: Column) -> Markup {
    column.kind == .plain ? "" : #" class="\#(column.kind.rawValue)""#
  }
}
