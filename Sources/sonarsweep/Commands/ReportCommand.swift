import Analysis
import ArgumentParser
import FleetAPI
import Foundation
import ResultStore
import SweepSpec

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Do a run's analyses again and write its report.",
    discussion: """
      Replaces the run's findings, its figures/ and its report.html, as 'run' ends with. Works on a run that is not \
      complete, over what is committed.

      A run that was submitted over HTTP is asked what its file asks, which lies in RESULTS/.submitted.

      Examples:
        sonarsweep report position
        sonarsweep report position --into /tmp/so-far            # leaves the run as it is
        sonarsweep report position --job jobs/position.yaml     # the analyses of this file
      """)

  @Argument(help: ArgumentHelp("The job's id, or the start of it.", valueName: "run")) var name: String
  @Option(name: .customLong("job"), help: "A job file whose analyses to do, in place of those suggested for the job.")
  var file: String?
  @OptionGroup var model: ModelOptions
  @Option(help: "The directory that holds one directory per job.") var results = "results"
  @Option(help: "Write findings.json, figures/ and report.html into this directory, and leave the run as it is.")
  var into: String?
  @Option(help: "table or json.") var output = OutputFormat.table
  @OptionGroup var limits: ChildLimits

  struct Answer: Encodable {
    let report: String
    let findings: Int
    let figures: Int
    /// By analysis: why it could not be done.
    let problems: [String: String]
  }

  func run() throws {
    try limits.apply()
    let directory = try Runs.find(name, in: results)
    let outcome = try RunReport.make(
      of: directory, analyses: try analyses(for: directory), into: into.map { URL(filePath: $0) })
    for problem in outcome.problems { Output.note("\(problem.analysis): \(problem.reason)") }
    switch output {
    case .json:
      let problems = Dictionary(outcome.problems.map { ($0.analysis, $0.reason) }) { first, _ in first }
      try Output.json(
        Answer(report: outcome.file.path, findings: outcome.findings, figures: outcome.figures, problems: problems))
    case .table:
      Output.table(
        ["report", outcome.file.path],
        [["findings", UInt64(outcome.findings).grouped], ["figures", UInt64(outcome.figures).grouped]])
    }
    if !outcome.problems.isEmpty { throw ExitCode(1) }
  }

  private func analyses(for directory: URL) throws -> [any AnalysisSpec]? {
    guard let file else { return try submittedAnalyses(for: directory) }
    let content = try JobLoading.read(file, model, results: results, note: "; nothing was done")
    // Another precision or model of the same job may well be meant; another sweep has other axes.
    let axes = try ResultReader(directory).job().sweep.axes.map(\.name)
    guard content.job.sweep.axes.map(\.name) == axes else {
      throw CommandError(
        "\(file) has the axes \(content.job.sweep.axes.map(\.name).joined(separator: ", ")), the run \(axes.joined(separator: ", ")); name the file the run was made of"
      )
    }
    return content.analyses
  }

  /// Of the file that was submitted over HTTP; nil where there is none, or it names none.
  private func submittedAnalyses(for directory: URL) throws -> [any AnalysisSpec]? {
    let job = try ResultReader(directory).job()
    let file = SubmittedAnalyses(results: URL(filePath: results)).file(of: job.id)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return try JobLoading.reportingMistakes(in: file.path) {
      try JobFile.analyses(file, of: job, types: Analyses.all)
    }
  }
}
