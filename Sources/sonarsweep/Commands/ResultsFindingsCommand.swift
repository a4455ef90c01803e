import ArgumentParser
import Foundation
import ResultStore

struct ResultsFindingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "findings", abstract: "What a run's analyses found: values with 95% intervals, p-values and n.",
    discussion: """
      Examples:
        sonarsweep results findings position --measure exact_match_rate
        sonarsweep results findings position --analysis path --label filler=_ --output json
      """)

  @Argument(help: "The job's id, or the start of it.") var job: String
  @Option(help: "The directory that holds one directory per job.") var results = "results"
  @Option(help: "Only findings of this analysis.") var analysis: String?
  @Option(help: "Only findings of this measure.") var measure: String?
  @Option(name: .customLong("label"), help: "Only findings with this label, as filler=_; may be given again.")
  var labels: [String] = []
  @Option(help: "table or json.") var output = OutputFormat.table

  func validate() throws {
    guard labels.allSatisfy({ $0.contains("=") }) else { throw ValidationError("--label is NAME=VALUE, as filler=_") }
  }

  func run() throws {
    let pairs = labels.map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init) }
    let filter = FindingStore.Filter(
      analysis: analysis, measure: measure, labels: Dictionary(pairs.map { ($0[0], $0[1]) }) { _, last in last })
    let findings = try ResultReader(Runs.find(job, in: results)).findings(filter)
    switch output {
    case .json: try Output.json(findings)
    case .table:
      Output.table(
        ["analysis", "measure", "of", "value", "95%", "p", "n"],
        findings.map { finding in
          [
            finding.analysis, finding.measure,
            finding.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " "),
            Self.short(finding.value), Self.interval(finding), finding.pValue.map(Self.short) ?? "", String(finding.n),
          ]
        })
    }
  }

  private static func interval(_ finding: StoredFinding) -> String {
    guard let low = finding.low, let high = finding.high else { return "" }
    return "\(short(low)) to \(short(high)) (\(finding.method ?? ""))"
  }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
