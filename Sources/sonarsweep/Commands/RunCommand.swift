import ArgumentParser
import Foundation
import SonarModel
import SweepSpec
import TensorKernels

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a job, or a study of several, on this machine, from YAML to results.",
    discussion: """
      Starts a coordinator, an aggregator and worker processes, shows progress and ends with analyses, a report and a \
      summary. Ctrl-C stops cleanly; the same command goes on where the results stand, and computes nothing again when \
      they are complete. A study is a file with a list of jobs; it ends with a table of its claims.

      Examples:
        sonarsweep run jobs/position.yaml
        sonarsweep run jobs/study.yaml
        sonarsweep run jobs/language.yaml --workers 4 --results /data/results --output json
      """)

  @Argument(help: "The job's YAML file, or a study's.") var file: String
  @OptionGroup var options: RunOptions
  @Option(help: "fp32, bf16 or int8, in place of the job's.") var precision: Precision?

  func run() throws {
    if StudyFile.isStudy(URL(filePath: file)) {
      return try StudyRun(file: file, options: options, precision: precision).run()
    }
    let content = try JobLoading.read(
      file, options.model, results: options.results, precision: precision, note: "; nothing was started")
    try JobRun(
      job: content.job, analyses: content.analyses, options: options, command: "sonarsweep run \(file)"
    ).run()
  }
}
