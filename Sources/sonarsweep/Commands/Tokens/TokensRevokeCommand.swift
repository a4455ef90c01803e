import ArgumentParser
import FleetAPI

struct TokensRevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Let a token count no longer, at once.",
    discussion: """
      Jobs that were submitted with it go on.

      Example:
        sonarsweep tokens revoke alice
      """)

  @Argument(help: "Whose it is.") var name: String
  @OptionGroup var options: TokensOptions

  func run() throws {
    try options.file.revoke(name)
    print("the token of '\(name)' counts no longer")
  }
}
