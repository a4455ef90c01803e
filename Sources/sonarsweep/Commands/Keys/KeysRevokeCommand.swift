import ArgumentParser
import FleetSecurity

struct KeysRevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Let a key connect no longer; one that is connected is cut off.",
    discussion: """
      What its worker had leased goes to others, what it has sent stays. Revoke and add a name again to change its key.

      Example:
        sonarsweep keys revoke node-1
      """)

  @Argument(help: "The key's name.") var name: String
  @OptionGroup var options: KeysOptions

  func run() throws {
    try KeyDirectory(options.keys).revoke(name)
    print("'\(name)' may connect no longer")
  }
}
