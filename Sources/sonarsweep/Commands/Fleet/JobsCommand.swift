import ArgumentParser
import FleetClient

struct JobsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "List a fleet's jobs.",
    discussion: """
      Jobs that have not ended come first, in the order of their submission; then those that have, the last first.

      Examples:
        sonarsweep jobs
        sonarsweep jobs --phase running --output json
      """)

  @Option(
    help: "Only jobs in this phase: queued, opening, running, paused, done, failed or cancelled.",
    completion: .list(RemoteJob.Phase.allCases.map(\.rawValue)))
  var phase: RemoteJob.Phase?
  @Option(help: "The most jobs to list.") var limit = 100
  @Option(help: "table or json.") var output = OutputFormat.table
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard limit >= 1 else { throw ValidationError("--limit must be at least 1") }
  }

  func run() throws {
    let (phase, limit) = (phase, limit)
    let jobs = try connection.run { try await $0.jobs(phase: phase, limit: limit) }
    switch output {
    case .json: try Output.json(jobs)
    case .table: RemoteTables.jobs(jobs)
    }
  }
}

extension RemoteJob.Phase: ExpressibleByArgument {}
