import ArgumentParser
import FleetClient
import Foundation
import ResultStore
import SweepSpec
import TerminalView

struct RetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Compute a job's failed units again, on this machine or on a shared fleet.",
    discussion: """
      On this machine it puts failed units back and runs the job to its end, as 'run' does; the job is taken from its \
      results, so its YAML file is not needed. With --coordinator a shared fleet does it, as also where the environment \
      or the configuration file names a coordinator and --results is not given.

      Examples:
        sonarsweep results failures position
        sonarsweep retry position --results results --code quarantined
        sonarsweep retry position --coordinator http://127.0.0.1:5780
      """)

  @Argument(help: "The job's id, or the start of it.", completion: .jobs) var job: String
  @Option(help: "Only units that failed with this code, as 'results failures' shows it.") var code: String?
  @OptionGroup var options: RunOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if connection.coordinator != nil, options.givenResults != nil {
      throw ValidationError("--coordinator is for a shared fleet, --results for this machine; give one of them")
    }
  }

  func run() throws { try isRemote() ? runRemotely() : runHere() }

  private func isRemote() throws -> Bool {
    if connection.coordinator != nil { return true }
    return try options.givenResults == nil && ClientConfiguration.isConfigured(ProcessInfo.processInfo.environment)
  }

  private func runRemotely() throws {
    let (name, code) = (job, code)
    let job = try connection.run { try await $0.retry(name, code: code) }
    switch options.output {
    case .json: try Output.json(job)
    case .table: print("\(job.id)  \(JobProgress.line(job))")
    }
  }

  private func runHere() throws {
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
