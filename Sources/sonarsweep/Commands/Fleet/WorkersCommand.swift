import ArgumentParser
import FleetClient

struct WorkersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workers", abstract: "List a fleet's workers, and what they compute.",
    discussion: """
      Examples:
        sonarsweep workers
        sonarsweep workers --output json
      """)

  @Option(help: "table or json.") var output = OutputFormat.table
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let workers = try connection.run { try await $0.workers() }
    switch output {
    case .json: try Output.json(workers)
    case .table: RemoteTables.workers(workers)
    }
  }
}
