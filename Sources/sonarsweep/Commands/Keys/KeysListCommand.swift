import ArgumentParser
import FleetProtocol
import FleetSecurity
import Messaging

struct KeysListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The keys that may connect, and the fleet's own; nothing secret.",
    discussion: """
      Examples:
        sonarsweep keys list
        sonarsweep keys list --keys /srv/sonarsweep/keys --output json
      """)

  @OptionGroup var options: KeysOptions
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Row: Encodable {
    let name: String
    /// `server` for the fleet's own.
    let role: String
    let publicKey: String
  }

  func run() throws {
    let keys = KeyDirectory(options.keys)
    let server = try keys.server()
    let rows =
      [Row(name: server.name, role: "server", publicKey: server.server.rawValue)]
      + (try keys.allowList().entries.map {
        Row(name: $0.name, role: $0.role.rawValue, publicKey: $0.key.rawValue)
      })
    switch output {
    case .json: try Output.json(rows)
    case .table: Output.table(["name", "role", "public key"], rows.map { [$0.name, $0.role, $0.publicKey] })
    }
  }
}
