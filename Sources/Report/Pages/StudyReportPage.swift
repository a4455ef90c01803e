import Analysis

/// A study's report: its claims against what its runs found, and where the runs' own reports lie.
public struct StudyReportPage {
  public enum Verdict: String, Sendable, Codable {
    case holds
    case doesNotHold = "does not hold"
    case undecided
  }

  public struct Claim: Sendable {
    public let claim: String
    /// Who claimed it, and where.
    public let source: String
    /// What decides it, in words: "exact match rate, filler=the: at most 0.2".
    public let criterion: String
    /// Nil where there is no such finding.
    public let finding: Finding?
    public let verdict: Verdict
    /// The run the finding is from.
    public let job: String

    public init(claim: String, source: String, criterion: String, finding: Finding?, verdict: Verdict, job: String) {
      (self.claim, self.source, self.criterion) = (claim, source, criterion)
      (self.finding, self.verdict, self.job) = (finding, verdict, job)
    }
  }

  public struct Run: Sendable {
    public let job: String
    public let status: String
    /// Of the run's report, relative to the study's; nil where there is none.
    public let link: String?

    public init(job: String, status: String, link: String?) {
      (self.job, self.status, self.link) = (job, status, link)
    }
  }

  private let name: String
  private let claims: [Claim]
  private let runs: [Run]
  private let version: String

  public init(name: String, claims: [Claim], runs: [Run], version: String) {
    (self.name, self.claims, self.runs, self.version) = (name, claims, runs, version)
  }

  public func html() -> String {
    let links = Dictionary(runs.map { ($0.job, $0.link) }) { first, _ in first }
    let counts = [Verdict.holds, .doesNotHold, .undecided].map { verdict in
      "\(claims.count { $0.verdict == verdict }) \(verdict.rawValue)"
    }
    let rows: [[Markup]] = claims.map { claim in
      [
        "\(claim.claim) <small class=\"source\">(\(claim.source))</small>",
        Markup(escaping: claim.criterion),
        Markup(escaping: claim.finding.map { NumberText.measured($0.value) } ?? "–"),
        FindingsTable.interval(claim.finding?.interval),
        Markup(escaping: claim.finding.map { NumberText.grouped($0.n) } ?? ""),
        "<strong>\(symbol(claim.verdict))\u{a0}\(claim.verdict.rawValue)</strong>",
        link(claim.job, links[claim.job] ?? nil),
      ]
    }
    let table = Page.table(
      caption: "Claims",
      [
        Page.Column("claim", .text), Page.Column("measured by", .text), Page.Column("value", .number),
        Page.Column("95% interval", .number), Page.Column("n", .number), Page.Column("verdict"), Page.Column("run"),
      ], rows)
    let entries: [[Markup]] = runs.map { [link($0.job, $0.link), Markup(escaping: $0.status)] }
    let body: Markup = """
      <header><h1>\(name)</h1>
      <p>\(claims.count) claims: \(counts.joined(separator: ", ")). A claim is undecided where the interval of what was \
      measured reaches over its limit, or where nothing was measured.</p></header>
      <main>
      \(table)<h2>Runs</h2>
      \(Page.table(caption: "Runs", [Page.Column("run"), Page.Column("status")], entries))</main>
      <footer><p>Made by SonarSweep \(version).</p></footer>
      """
    return Page.document(title: "\(name) · SonarSweep", body: body)
  }

  private func symbol(_ verdict: Verdict) -> String {
    switch verdict {
    case .holds: "✓"
    case .doesNotHold: "✗"
    case .undecided: "?"
    }
  }

  private func link(_ text: String, _ address: String?) -> Markup {
    guard let address else { return Markup(escaping: text) }
    return "<a href=\"\(address)\">\(text)</a>"
  }
}
