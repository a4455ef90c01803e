import ArgumentParser
import FleetAPI

struct TokensCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens", abstract: "Make, revoke and list the tokens of a fleet's HTTP interface.",
    discussion: """
      A token says who asks, and what he may do: read sees everything; submit also submits, changes and cancels jobs; admin \
      also drains workers. The file holds no token, only what tells a right one from a wrong one.

      Example:
        sonarsweep tokens add alice --role submit
        sonarsweep coordinator --http 0.0.0.0:5780 --tokens tokens --certificate fleet.pem --certificate-key fleet.key
        sonarsweep tokens revoke alice
      """,
    subcommands: [TokensAddCommand.self, TokensRevokeCommand.self, TokensListCommand.self])
}

/// `--tokens` of the commands that work on a file of tokens.
struct TokensOptions: ParsableArguments {
  @Option(help: "The file of tokens.") var tokens = "tokens"

  var file: TokenFile { TokenFile(tokens) }
}

extension TokenRole: ExpressibleByArgument {}
