import ArgumentParser
import FleetSecurity
import Messaging

struct KeysInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make the directory of a fleet's keys, with the fleet's own.",
    discussion: """
      Examples:
        sonarsweep keys init
        sonarsweep keys init /srv/sonarsweep/keys
      """)

  @Argument(help: "The directory; it must not hold a fleet's keys yet.") var directory = "keys"
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Report: Encodable {
    let keys: String
    let publicKey: String
  }

  func run() throws {
    let keys = KeyDirectory(directory)
    try keys.create()
    let report = Report(keys: directory, publicKey: try keys.server().server.rawValue)
    switch output {
    case .json: try Output.json(report)
    case .table:
      print(
        """
        \(directory) holds the fleet's key; nobody may connect yet
        next: sonarsweep keys add NAME --keys \(directory)
        """)
    }
  }
}
