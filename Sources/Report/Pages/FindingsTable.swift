import Analysis
import ResultStore

/// Findings, a table per question.
enum FindingsTable {
  /// Rows of one question in a page; all are in the catalogue and in `findings.csv`.
  private static let mostRows = 200

  static func html(_ findings: [Finding]) -> Markup {
    var questions: [String] = []
    var byQuestion: [String: [Finding]] = [:]
    for finding in findings {
      if byQuestion[finding.question] == nil { questions.append(finding.question) }
      byQuestion[finding.question, default: []].append(finding)
    }
    let tables: [Markup] = questions.map { table($0, byQuestion[$0] ?? []) }
    return tables.isEmpty ? "" : "<div class=\"findings\">\n\(tables)</div>\n"
  }

  /// A measure that all rows share is the head of their values' column; columns without values are left out.
  private static func table(_ question: String, _ findings: [Finding]) -> Markup {
    let names = Set(findings.flatMap(\.labels.keys)).sorted()
    let measures = Set(findings.map(\.measure))
    let common = measures.count == 1 ? measures.first : nil
    let hasInterval = findings.contains { $0.interval != nil }
    let hasP = findings.contains { $0.pValue != nil }
    var columns = names.map { Page.Column($0) }
    if common == nil { columns.insert(Page.Column("measure"), at: 0) }
    columns.append(Page.Column(common.map(words) ?? "value", .number))
    if hasInterval { columns.append(Page.Column("95% interval", .number)) }
    columns.append(Page.Column("n", .number))
    if hasP { columns.append(Page.Column("p", .number)) }
    let rows: [[Markup]] = findings.prefix(mostRows).map { finding in
      var cells = names.map { Markup(escaping: finding.labels[$0] ?? "") }
      if common == nil { cells.insert(Markup(escaping: words(finding.measure)), at: 0) }
      cells.append(Markup(escaping: NumberText.measured(finding.value)))
      if hasInterval { cells.append(interval(finding.interval)) }
      cells.append(Markup(escaping: NumberText.grouped(finding.n)))
      if hasP { cells.append(Markup(escaping: finding.pValue.map(NumberText.measured) ?? "")) }
      return cells
    }
    let table = Page.table(caption: question, columns, rows)
    let rest = findings.count - rows.count
    return rest == 0
      ? table
      : table + "<p>\(NumberText.grouped(rest)) more are in <a href=\"figures/findings.csv\">findings.csv</a>.</p>\n"
  }

  /// The ends, and the method when a pointer rests on them.
  static func interval(_ interval: Finding.Interval?) -> Markup {
    guard let interval else { return "" }
    return """
      <span title="\(interval.method)">\(NumberText.measured(interval.low)) to \(NumberText.measured(interval.high))</span>
      """
  }

  /// `exact_match_rate` as "exact match rate".
  static func words(_ measure: String) -> String { measure.replacing("_", with: " ") }

  /// All findings of a run as CSV.
  static func csv(_ sections: [RunReportPage.Section]) -> String {
    let names = Set(sections.flatMap(\.findings).flatMap(\.labels.keys)).sorted()
    let header =
      ["analysis", "question", "measure"] + names + ["value", "low", "high", "method", "p_value", "n"]
    let rows = sections.lazy.flatMap { section in
      section.findings.lazy.map { finding in
        [section.analysis, finding.question, finding.measure] + names.map { finding.labels[$0] ?? "" } + [
          finding.value.csv, (finding.interval?.low).csv, (finding.interval?.high).csv, finding.interval?.method ?? "",
          finding.pValue.csv, String(finding.n),
        ]
      }
    }
    return CSVText.rows(header, rows)
  }
}
