import ArgumentParser
import FleetClient
import Foundation

/// Which coordinator a command talks to.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The coordinator's URL, as http://127.0.0.1:5780. Default: SONARSWEEP_COORDINATOR, or 'coordinator' in ~/.config/sonarsweep/config.yaml.",
      valueName: "url"))
  var coordinator: String?
  @Option(
    help: ArgumentHelp(
      "A file that holds a token. Default: SONARSWEEP_TOKEN, or 'token' or 'token_file' in the configuration file.",
      valueName: "file"),
    completion: .file())
  var tokenFile: String?
  @Option(
    help: ArgumentHelp(
      "Certificates to trust, in PEM form, for a coordinator with one of its own. Default: SONARSWEEP_CA_FILE, or 'ca_file' in the configuration file.",
      valueName: "file"),
    completion: .file())
  var caFile: String?

  /// What was said about the coordinator, to be typed again: empty, or with a space before it.
  var typed: String {
    [("--coordinator", coordinator), ("--token-file", tokenFile), ("--ca-file", caFile)].map { option, value in
      value.map { " \(option) \(Self.quoted($0))" } ?? ""
    }.joined()
  }

  /// For a shell.
  static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/.:-_~@%+=,".contains($0)) }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  func configuration() throws -> ClientConfiguration {
    try ClientConfiguration(
      flags: .init(coordinator: coordinator, tokenFile: tokenFile, certificateAuthority: caFile),
      environment: ProcessInfo.processInfo.environment)
  }

  /// Runs a body with a client and waits for it.
  func run<Value: Sendable>(_ body: @escaping @Sendable (CoordinatorClient) async throws -> Value) throws -> Value {
    let configuration = try configuration()
    return try Asynchronous.run { try await CoordinatorClient.with(configuration, body) }
  }
}
