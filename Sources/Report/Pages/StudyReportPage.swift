import SweepSpec

/// A study's report: its claims against what its runs found, and where the runs' own reports lie.
public struct StudyReportPage {
  private let result: StudyResult
  private let links: [String: String]
  private let version: String

  /// - Parameters:
  ///   - links: to the jobs' reports, by the jobs' names in the study.
  ///   - version: the program's.
  public init(_ result: StudyResult, links: [String: String], version: String) {
    (self.result, self.links, self.version) = (result, links, version)
  }

  public func html() -> String {
    let body: Markup = """
      <header><h1>\(result.study)</h1>
      \(Page.list([
        ("model", Markup(escaping: result.model)), ("precision", Markup(escaping: result.precision)),
        ("model's fingerprint", "<code>\(result.modelFingerprint)</code>"),
      ]))\(count)</header>
      <main>
      \(claims)<h2>Runs</h2>
      \(runs)</main>
      <footer><p>Made by SonarSweep \(version). The same as <a href="study.json">study.json</a> and \
      <a href="claims.md">claims.md</a>.</p></footer>
      """
    return Page.document(title: "\(result.study) · SonarSweep", body: body)
  }

  private var count: Markup {
    func count(_ verdict: Verdict) -> Int { result.claims.count { $0.verdict == verdict } }
    return """
      <p>Of \(result.claims.count) claims, \(count(.holds)) hold, \(count(.doesNotHold)) do not, and \
      \(count(.undecided)) are undecided. A claim is undecided where the interval of what was \
      measured reaches over its limit, or where nothing was measured.</p>

      """
  }

  private var claims: Markup {
    let rows: [[Markup]] = result.claims.map { claim in
      let labels = claim.question.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
      let measure = FindingsTable.words(claim.question.measure)
      let reason: Markup = claim.reason.isEmpty ? "" : "<br><small>\(claim.reason)</small>"
      return [
        "\(claim.claim)<br><small>\(claim.source)</small>",
        "<strong>\(Self.symbol(claim.verdict))\u{a0}\(claim.verdict.rawValue)</strong>\(reason)",
        Markup(escaping: claim.measured), "\(measure)<br><small>\(labels)</small>", Markup(escaping: claim.condition),
        link(claim.question.job),
      ]
    }
    return Page.table(
      caption: "Claims",
      [
        Page.Column("claim", .text), Page.Column("verdict"), Page.Column("this model"), Page.Column("measure"),
        Page.Column("holds if"), Page.Column("job"),
      ], rows)
  }

  private var runs: Markup {
    let rows: [[Markup]] = result.jobs.map { job in
      let problem: Markup = job.problem.isEmpty ? "" : "<br><small>\(job.problem)</small>"
      return [
        link(job.name), "\(job.status.rawValue)\(problem)", Markup(escaping: NumberText.grouped(Int(job.units))),
        Markup(escaping: NumberText.grouped(Int(job.failedUnits))), Markup(escaping: job.id ?? ""),
      ]
    }
    return Page.table(
      caption: "Jobs",
      [
        Page.Column("job"), Page.Column("status"), Page.Column("units", .number), Page.Column("failed", .number),
        Page.Column("results"),
      ], rows)
  }

  private static func symbol(_ verdict: Verdict) -> String {
    switch verdict {
    case .holds: "✓"
    case .doesNotHold: "✗"
    case .undecided: "?"
    }
  }

  private func link(_ job: String) -> Markup {
    guard let address = links[job] else { return Markup(escaping: job) }
    return "<a href=\"\(address)\">\(job)</a>"
  }
}
