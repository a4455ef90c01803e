import Analysis
import Foundation
import ResultStore
import SonarModel
import SweepSpec

/// A run's report: one self-contained HTML file and the figures' files beside it. Contents depend on the run alone, so
/// making it again gives the same bytes.
public struct RunReportPage {
  /// What one analysis gave.
  public struct Section {
    public let analysis: String
    /// One line on what it does.
    public let summary: String
    public let findings: [Finding]
    public let figures: [DrawnFigure]
    /// Why it could not be done; nil where it was.
    public let problem: String?

    public init(
      analysis: String, summary: String, findings: [Finding], figures: [DrawnFigure], problem: String? = nil
    ) {
      (self.analysis, self.summary, self.findings) = (analysis, summary, findings)
      (self.figures, self.problem) = (figures, problem)
    }
  }

  private let summary: ResultReader.Summary
  private let job: Job
  private let failures: [ResultReader.Failure]
  private let sections: [Section]
  private let version: String

  /// - Parameters:
  ///   - failures: some failed units, as examples.
  ///   - version: the program's.
  public init(
    _ summary: ResultReader.Summary, job: Job, failures: [ResultReader.Failure], sections: [Section], version: String
  ) {
    (self.summary, self.job, self.failures, self.sections) = (summary, job, failures, sections)
    self.version = version
  }

  /// All findings, in the order of the analyses.
  public var findingsCSV: String { FindingsTable.csv(sections) }

  public func html() -> String {
    var body: Markup = "<header>\n<h1>\(summary.job)</h1>\n\(overview)\(contents)</header>\n<main>\n"
    body += jobSection
    for (i, group) in groups.enumerated() { body += html(group.sections, number: i + 1) }
    body += failureSection + dataSection
    body += "</main>\n<footer><p>Made by SonarSweep \(version) from the results of \(summary.job).</p></footer>"
    return Page.document(title: "\(summary.job) · SonarSweep", body: body)
  }

  private var overview: Markup {
    let done = NumberText.grouped(Int(summary.done))
    var text: Markup = "<p>\(done) of \(NumberText.grouped(Int(summary.units))) units are done"
    if summary.failed > 0 { text += ", \(NumberText.grouped(Int(summary.failed))) failed" }
    if summary.skipped > 0 {
      text += ", \(NumberText.grouped(Int(summary.skipped))) have coordinates that do not go together"
    }
    text += ". "
    if summary.expected > 0 {
      let share = Double(summary.exact) / Double(summary.expected) * 100
      text += """
        \(NumberText.grouped(Int(summary.exact))) of \(NumberText.grouped(Int(summary.expected))) decodes \
        (\(NumberText.measured(share))%) are exactly what was expected.
        """
    }
    text += "</p>\n"
    if !summary.isDone {
      text +=
        #"<p class="note">The run is not complete: findings are of the units that are committed so far.</p>"# + "\n"
    }
    if summary.divergent > 0 {
      text +=
        #"<p class="note">\#(Int(summary.divergent)) records came again and differed from what is stored.</p>"# + "\n"
    }
    switch job.spec.model.precisionName {
    case "bf16", "int8":
      text += """
        <p class="note">Computed in \(job.spec.model.precisionName): values differ a little from those in fp32, and so may \
        some decodes.</p>

        """
    default: break
    }
    return text
  }

  private var contents: Markup {
    guard !sections.isEmpty else { return "" }
    let entries: [Markup] = groups.enumerated().map { i, group in
      "<li><a href=\"#analysis-\(i + 1)\">\(group.analysis)</a></li>"
    }
    return """
      <nav aria-label="Contents"><ul>\(entries)<li><a href="#data">data</a></li></ul></nav>

      """
  }

  private var jobSection: Markup {
    let model = job.spec.model
    var entries: [(term: String, value: Markup)] = [
      ("model", Markup(escaping: model.fingerprint == .none ? "none" : model.name)),
      ("precision", Markup(escaping: model.precisionName)),
      ("embedding", "\(NumberText.grouped(model.dim)) values"), ("kind of sweep", Markup(escaping: summary.kind)),
    ]
    for axis in job.sweep.axes { entries.append(("axis \(axis.name)", Markup(escaping: Self.describe(axis)))) }
    if let decode = job.spec.decode {
      let languages = decode.languages.map(\.rawValue).joined(separator: ", ")
      entries.append(("decodes", Markup(escaping: "\(languages); \(Self.words(decode.method))")))
    }
    entries.append(("started", Markup(escaping: summary.createdAt)))
    if let finished = summary.finishedAt { entries.append(("finished", Markup(escaping: finished))) }
    return "<section id=\"job\">\n<h2>The job</h2>\n\(Page.list(entries))</section>\n"
  }

  /// How many values, and the first and last of them.
  private static func describe(_ axis: Axis) -> String {
    let few = axis.count <= 8
    let shown = few ? Array(0..<axis.count) : [0, 1, 2, axis.count - 1]
    var labels = shown.map { TextWidth.fitted(axis.label(at: $0), size: 1, within: 40) }
    if !few { labels.insert("…", at: 3) }
    let attributes = axis.attributes.isEmpty ? "" : "; with \(axis.attributes.map(\.name).joined(separator: ", "))"
    let count = axis.count == 1 ? "" : "\(NumberText.grouped(axis.count)) values: "
    return count + labels.joined(separator: ", ") + attributes
  }

  /// As a job file says it: "greedy", "beam 5".
  private static func words(_ method: DecodingMethod) -> String {
    guard let data = try? JSONEncoder().encode(method),
      let object = try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    else { return "" }
    if let word = object as? String { return word }
    let settings = object as? [String: Any] ?? [:]
    return settings.keys.sorted().map { "\($0) \(settings[$0] ?? "")" }.joined(separator: ", ")
  }

  /// Analyses by name, each with all that was asked of it: success by axis and as a whole are one section.
  private var groups: [(analysis: String, sections: [Section])] {
    var groups: [(analysis: String, sections: [Section])] = []
    for section in sections {
      if let i = groups.firstIndex(where: { $0.analysis == section.analysis }) {
        groups[i].sections.append(section)
      } else {
        groups.append((section.analysis, [section]))
      }
    }
    return groups
  }

  private func html(_ sections: [Section], number: Int) -> Markup {
    let figures: [Markup] = sections.flatMap(\.figures).map(FigureElement.html)
    var body: Markup = """
      <section id="analysis-\(number)">
      <h2>\(sections[0].analysis)</h2>
      <p>\(sections[0].summary)</p>

      """
    for problem in sections.compactMap(\.problem) {
      body += "<p class=\"note\">This analysis could not be done: \(problem)</p>\n"
    }
    if !figures.isEmpty { body += "<div class=\"figures\">\n\(figures)</div>\n" }
    return body + FindingsTable.html(sections.flatMap(\.findings)) + "</section>\n"
  }

  private var failureSection: Markup {
    guard !failures.isEmpty else { return "" }
    let axes = job.sweep.axes.map(\.name)
    let rows: [[Markup]] = failures.map { failure in
      ["\(Int(failure.unit))"] + axes.map { Markup(escaping: failure.labels[$0] ?? "") }
        + [Markup(escaping: failure.code), Markup(escaping: failure.message)]
    }
    let table = Page.table(
      caption: "\(NumberText.grouped(failures.count)) of \(NumberText.grouped(Int(summary.failed)))",
      [Page.Column("unit", .number)] + axes.map { Page.Column($0) } + [
        Page.Column("failure"), Page.Column("reason", .text),
      ],
      rows)
    return "<section id=\"failures\">\n<h2>Failed units</h2>\n\(table)</section>\n"
  }

  private var dataSection: Markup {
    let axis = job.sweep.axes.first
    let label = axis.map { axis in
      switch axis.values {
      case .strings: "\"\(axis.label(at: 0))\""
      case .integers, .numbers, .range: axis.label(at: 0)
      }
    }
    let selected = if let axis, let label { ".sel(\(axis.name)=\(label))" } else { "" }
    return """
      <section id="data">
      <h2>The data</h2>
      <p>Arrays and decodes lie beside this file, findings also as <a href="figures/findings.csv">findings.csv</a>. \
      In Python:</p>
      <pre>import sqlite3, pandas, xarray
      ds = xarray.open_zarr("\(summary.job)/arrays.zarr")
      ds.embedding\(selected)
      db = sqlite3.connect("\(summary.job)/catalogue.sqlite")
      pandas.read_sql("SELECT * FROM labelled_decodes", db)
      pandas.read_sql("SELECT * FROM findings", db)</pre>
      <p>As other formats: <code>sonarsweep export \(summary.job) --format npy</code>. Beside another run: \
      <code>sonarsweep compare \(summary.job) RUN</code>. This report again: <code>sonarsweep report \(summary.job)</code>.</p>
      \(Page.list([
        ("SonarSweep", Markup(escaping: version)), ("job", Markup(escaping: summary.job)),
        ("model's fingerprint", "<code>\(job.spec.model.fingerprint.rawValue)</code>"),
      ]))<details><summary>The job's specification in full</summary>
      <pre>\(TextWidth.fitted(specification, size: 1, within: 100_000))</pre></details>
      </section>

      """
  }

  private var specification: String {
    guard let object = try? JSONSerialization.jsonObject(with: job.canonicalSpec),
      let data = try? JSONSerialization.data(
        withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    else { return String(decoding: job.canonicalSpec, as: UTF8.self) }
    return String(decoding: data, as: UTF8.self)
  }
}
