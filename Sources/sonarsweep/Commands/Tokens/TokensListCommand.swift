import ArgumentParser
import FleetAPI

struct TokensListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Whose tokens there are, with their roles; no token.",
    discussion: """
      Examples:
        sonarsweep tokens list
        sonarsweep tokens list --tokens /etc/sonarsweep/tokens --output json
      """)

  @OptionGroup var options: TokensOptions
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Row: Encodable {
    let name: String
    let role: String
  }

  func run() throws {
    let rows = try options.file.entries().map { Row(name: $0.name, role: $0.role.rawValue) }
    switch output {
    case .json: try Output.json(rows)
    case .table: Output.table(["name", "role"], rows.map { [$0.name, $0.role] })
    }
  }
}
