import ArgumentParser
import FleetAPI

struct TokensAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a token; it counts at once, and is shown only now.",
    discussion: """
      Examples:
        sonarsweep tokens add alice --role submit
        sonarsweep tokens add prometheus --role read --tokens /etc/sonarsweep/tokens
        sonarsweep tokens add me --role admin --output json
      """)

  @Argument(help: "Whose it is: letters, digits, dots, dashes, underscores, @.") var name: String
  @Option(help: "read, submit or admin.") var role = TokenRole.submit
  @OptionGroup var options: TokensOptions
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Report: Encodable {
    let name: String
    let role: String
    let token: String
  }

  func run() throws {
    let token = try options.file.add(name, role: role)
    switch output {
    case .json: try Output.json(Report(name: name, role: role.rawValue, token: token))
    case .table:
      // The token alone on standard output, for scripts.
      Output.note("the token of '\(name)', role \(role.rawValue); it is shown only now:")
      print(token)
    }
  }
}
