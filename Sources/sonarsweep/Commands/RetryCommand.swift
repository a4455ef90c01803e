import ArgumentParser
import Foundation
import ResultStore
import SweepSpec

struct RetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Compute a run's failed units again, on this machine.",
    discussion: """
      Puts failed units back and runs the job to its end, as 'run' does. The job is taken from its results, so its YAML \
      file is not needed.

      Examples:
        sonarsweep results failures position
        sonarsweep retry position --code quarantined
      """)

  @Argument(help: "The job's id, or the start of it.") var job: String
  @Option(help: "Only units that failed with this code, as 'results failures' shows it.") var code: String?
  @OptionGroup var options: RunOptions

  func run() throws {
    let directory = try Runs.find(job, in: options.results)
    let job = try ResultReader(directory).job()
    guard directory.lastPathComponent == job.id.rawValue else {
      throw CommandError("\(directory.path) holds the results of \(job.id); rename it to that")
    }
    let store = try ResultStore(job: job, results: URL(filePath: options.results))
    let count = try store.removeFailures(code: code)
    try store.close()
    if !options.quiet {
      Output.note(
        count == 0
          ? "no unit failed\(code.map { " with the code '\($0)'" } ?? "")"
          : "\(count.grouped) failed unit\(count == 1 ? "" : "s") put back")
    }
    let command = (["sonarsweep retry", job.id.rawValue] + (code.map { ["--code", $0] } ?? [])).joined(separator: " ")
    try JobRun(job: job, options: options, command: command).run()
  }
}
