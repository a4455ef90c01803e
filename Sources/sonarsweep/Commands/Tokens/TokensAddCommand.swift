import ArgumentParser
import FleetAPI
import FleetSecurity
import Foundation

struct TokensAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a token; it counts at once, and is shown only now.",
    discussion: """
      Examples:
        sonarsweep tokens add alice --role submit --output-file alice.token
        sonarsweep tokens add prometheus --role read --tokens /etc/sonarsweep/tokens
        sonarsweep tokens add me --role admin --output json
      """)

  @Argument(help: "Whose it is: letters, digits, dots, dashes, underscores, @.") var name: String
  @Option(help: "read, submit or admin.") var role = TokenRole.submit
  @OptionGroup var options: TokensOptions
  @Option(
    help: "A new file for the token that only you can read, as clients want it. Default: standard output.",
    completion: .file())
  var outputFile: String?
  @Option(help: "table or json.") var output = OutputFormat.table

  struct Report: Encodable {
    let name: String
    let role: String
    let token: String
  }

  func validate() throws {
    if outputFile == "" { throw ValidationError("--output-file is empty") }
    if outputFile != nil, output == .json { throw ValidationError("give --output-file or --output json, not both") }
  }

  func run() throws {
    if let outputFile { return try add(to: outputFile) }
    let token = try options.file.add(name, role: role)
    switch output {
    case .json: try Output.json(Report(name: name, role: role.rawValue, token: token))
    case .table:
      // The token alone on standard output, for scripts.
      Output.note("the token of '\(name)', role \(role.rawValue); it is shown only now:")
      print(token)
    }
  }

  private func add(to path: String) throws {
    guard GuardedFile.Stamp(path) == nil else {
      throw CommandError("\(path) is there already; take another name, or remove it if its token is wanted no more")
    }
    let token = try options.file.add(name, role: role)
    do {
      try GuardedFile.write("\(token)\n", to: URL(filePath: path).path, .secret)
    } catch {
      // A token that nobody has is of no use.
      try? options.file.revoke(name)
      throw error
    }
    Output.note("the token of '\(name)', role \(role.rawValue), is in \(path), which only you can read")
  }
}
