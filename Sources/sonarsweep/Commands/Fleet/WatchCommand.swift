import ArgumentParser
import FleetClient
import TerminalView

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show the progress of a fleet's jobs until they end.",
    discussion: """
      Without a job it watches all that have not ended. It goes on when the coordinator is restarted; Ctrl-C stops \
      watching and nothing else.

      Exit codes: 0 done; 2 done, but some units failed; 1 a job failed or was cancelled, or an error; 130 stopped \
      watching.

      Examples:
        sonarsweep watch position
        sonarsweep watch && sonarsweep fetch position --format csv
      """)

  @Argument(help: "Jobs' ids, or the starts of them.", completion: .jobs) var jobs: [String] = []
  @Flag(help: "Show no progress.") var quiet = false
  @Option(help: "table or json: how the jobs ended, on standard output.") var output = OutputFormat.table
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let names = jobs
    let found: [RemoteJob] = try connection.run { client in
      guard names.isEmpty else {
        var jobs: [RemoteJob] = []
        for name in names { jobs.append(try await client.job(name)) }
        return jobs
      }
      return try await client.jobs().filter { !$0.phase.hasEnded }
    }
    if found.isEmpty, !quiet { Output.note("no job is queued or running") }
    // A job may be named twice, by two starts of its id.
    let distinct = found.enumerated().filter { i, job in found.firstIndex { $0.id == job.id } == i }.map(\.element)
    let ended =
      distinct.isEmpty
      ? []
      : try JobWatch(
        configuration: try connection.configuration(), jobs: distinct, quiet: quiet, typed: connection.typed
      ).run()
    switch output {
    case .json: for job in ended { try Output.json(job) }
    case .table: for job in ended { print(JobProgress.ending(job)) }
    }
    throw JobWatch.exitCode(ended)
  }
}
