import ArgumentParser
import FleetClient

struct DrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain", abstract: "Let a worker finish what it holds, and end.",
    discussion: """
      It gets no more units, and ends once it holds none: for a machine that is needed for something else. Wants a token \
      of the role admin.

      Examples:
        sonarsweep workers
        sonarsweep drain node-3:4711
      """)

  @Argument(help: "The worker's id, the start of it, or its name.", completion: .workers) var worker: String
  @Option(help: "table or json.") var output = OutputFormat.table
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let name = worker
    let worker = try connection.run { client in
      try await client.drain(try Self.find(name, among: await client.workers()).id)
    }
    switch output {
    case .json: try Output.json(worker)
    case .table: RemoteTables.workers([worker])
    }
  }

  private static func find(_ name: String, among workers: [RemoteWorker]) throws -> RemoteWorker {
    if let exact = workers.first(where: { $0.id == name }) { return exact }
    let matches = workers.filter { $0.name == name || $0.id.hasPrefix(name) }
    guard let match = matches.first else {
      throw CommandError("no worker is called '\(name)', and no id starts so; see: sonarsweep workers")
    }
    guard matches.count == 1 else {
      throw CommandError("'\(name)' could be \(matches.map(\.id).joined(separator: " or ")); give one's id")
    }
    return match
  }
}
