import Analysis
import ArgumentParser
import FleetProtocol
import Foundation
import ResultStore
import SonarModel
import SweepSpec
import TensorKernels

/// What the HTTP interface runs to read what is submitted to it.
struct JobCompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile", abstract: "Write a job file as the message that submits it.",
    discussion: "Mistakes are one JSON object on standard output, and exit code 65.", shouldDisplay: false)

  @OptionGroup var options: ModelOptions
  @Argument(help: "The job's YAML file.") var file: String
  @Option(help: "Where to write the message.") var output: String
  @Option(help: "The directory with the runs that vectors are made from.") var results: String?
  @Option(help: "fp32, bf16 or int8, in place of the job's.") var precision: Precision?
  @OptionGroup var limits: ChildLimits

  struct Answer: Encodable { let mistakes: [String] }

  func run() throws {
    try limits.apply()
    let url = URL(filePath: file)
    do {
      guard !StudyFile.isStudy(url) else {
        throw JobError([
          Diagnostic(
            file: url.lastPathComponent, line: 1, key: "",
            message: "this is a study of several jobs; submit each of them")
        ])
      }
      let job = try JobFile.read(
        url, model: options.model, precision: precision, library: options.library, cache: EngineOptions.cache,
        runs: results.map { StoredRuns(URL(filePath: $0)) }, fitting: ProbeWeights(), analyses: Analyses.all
      ).job
      try Data(FleetMessage.submit(JobPayload(job)).encoded()).write(to: URL(filePath: output))
    } catch let error as JobError {
      try Output.jsonLine(Answer(mistakes: error.diagnostics.map(\.description)))
      throw ExitCode(65)
    }
  }
}
