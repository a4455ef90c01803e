import ArgumentParser
import FleetProtocol

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Make, add, revoke and list the keys of a fleet of several machines.",
    discussion: """
      Everything between machines is encrypted and authenticated by CURVE key pairs. The directory of a fleet's keys stays \
      with coordinator and aggregator; every other host gets one file of its own, over a safe channel, as scp is.

      Example:
        sonarsweep keys init keys
        sonarsweep keys add node-1
        sonarsweep keys add alice --role client
        sonarsweep coordinator --bind 'tcp://*:5700' --keys keys
        scp -p keys/node-1.key node-1:
        sonarsweep keys revoke node-1
      """,
    subcommands: [KeysInitCommand.self, KeysAddCommand.self, KeysRevokeCommand.self, KeysListCommand.self])
}

/// `--keys` of the commands that work on a directory of keys.
struct KeysOptions: ParsableArguments {
  @Option(help: "The directory of the fleet's keys.") var keys = "keys"
}

extension Hello.Role: ExpressibleByArgument, CaseIterable {
  public static var allCases: [Hello.Role] { [.worker, .client, .aggregator] }
}
