/// Runs side by side, as a page.
public struct ComparisonPage {
  /// A run's place among them.
  public struct Run: Sendable {
    public let job: String
    public let model: String
    public let precision: String
    public let kind: String
    public let units: UInt64

    public init(job: String, model: String, precision: String, kind: String, units: UInt64) {
      (self.job, self.model, self.precision, self.kind, self.units) = (job, model, precision, kind, units)
    }
  }

  /// A table as it is also printed: a caption, a header and rows of text. Columns of `numbers` are set to the right.
  public struct Table: Sendable {
    public let caption: String
    public let header: [String]
    public let numbers: Set<Int>
    public let rows: [[String]]
    public let notes: [String]

    public init(caption: String, header: [String], numbers: Set<Int> = [], rows: [[String]], notes: [String] = []) {
      (self.caption, self.header, self.numbers) = (caption, header, numbers)
      (self.rows, self.notes) = (rows, notes)
    }
  }

  private let runs: [Run]
  private let tables: [Table]
  private let version: String

  public init(runs: [Run], tables: [Table], version: String) {
    (self.runs, self.tables, self.version) = (runs, tables, version)
  }

  public func html() -> String {
    let names = runs.map(\.job).joined(separator: ", ")
    let rows: [[Markup]] = runs.enumerated().map { i, run in
      ["\(i + 1)"]
        + [run.job, run.model, run.precision, run.kind, NumberText.grouped(Int(run.units))].map(Markup.init(escaping:))
    }
    let columns = [
      Page.Column("", .number), Page.Column("run"), Page.Column("model"), Page.Column("precision"), Page.Column("kind"),
      Page.Column("units", .number),
    ]
    let sections: [Markup] = tables.map { table in
      let columns = table.header.enumerated().map { Page.Column($1, table.numbers.contains($0) ? .number : .plain) }
      let notes: [Markup] = table.notes.map { "<p>\($0)</p>\n" }
      let body =
        table.rows.isEmpty
        ? "" : Page.table(caption: table.caption, columns, table.rows.map { $0.map(Markup.init(escaping:)) })
      return "<section><h2>\(table.caption)</h2>\n\(notes)\(body)</section>\n"
    }
    let body: Markup = """
      <header><h1>Runs side by side</h1></header>
      <main>\(Page.table(caption: "Runs", columns, rows))\(sections)</main>
      <footer><p>Made by SonarSweep \(version).</p></footer>
      """
    return Page.document(title: "\(names) · SonarSweep", body: body)
  }
}
