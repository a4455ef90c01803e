import ArgumentParser
import Coordinator
import FleetAPI
import Foundation
import Logging

/// `--http` and what belongs to it.
struct HTTPOptions: ParsableArguments {
  @Option(
    name: .customLong("http"),
    help: "Where the HTTP interface and the dashboard listen, as 127.0.0.1:5780; port * is any free one.")
  var address: HTTPAddress?
  @Option(
    help: "The directory the aggregator writes to, for results, reports and retries over HTTP.") var results: String?
  @Option(
    help: "The file of tokens ('sonarsweep tokens --help'): only those in it may ask. Changes to it count at once.")
  var tokens: String?
  @Option(help: "For HTTPS: the certificate chain, a PEM file.") var certificate: String?
  @Option(help: "For HTTPS: the certificate's private key, a PEM file.") var certificateKey: String?
  @Flag(help: "Allow HTTP without TLS beyond this machine, as behind a proxy that ends TLS.") var plainHttp = false
  @Option(
    name: .customLong("http-timeout"),
    help: ArgumentHelp(
      "Seconds a client may take for a request's head, do nothing within a body, or take in nothing of an answer.",
      valueName: "seconds"))
  var timeout = 60.0
  @Option(
    name: .customLong("model-path"),
    help: "A directory with models in it, for jobs that are submitted over HTTP. May be repeated.")
  var modelPath: [String] = []

  func validate() throws {
    guard let address else {
      let isAlone = results == nil && tokens == nil && certificate == nil && certificateKey == nil && !plainHttp
      guard isAlone, modelPath.isEmpty else {
        throw ValidationError(
          "--results, --tokens, --certificate, --plain-http and --model-path belong to --http; add it")
      }
      return
    }
    guard (0.1...3600).contains(timeout) else { throw ValidationError("--http-timeout must be 0.1 to 3600") }
    guard (certificate == nil) == (certificateKey == nil) else {
      throw ValidationError("--certificate and --certificate-key belong together; name both files")
    }
    try HTTPRules.check(address, hasTokens: tokens != nil, hasTLS: certificate != nil, plain: plainHttp)
  }

  /// Nil without `--http`.
  func start(_ desk: FleetDesk, logger: Logger) throws -> FleetAPIServer? {
    guard let address else { return nil }
    var options = FleetAPIOptions(address: address, program: Executable.url, version: SonarSweep.programVersion)
    options.tokens = tokens
    options.results = results.map { URL(filePath: $0) }
    options.modelOptions = modelPath.flatMap { ["--model-path", $0] }
    options.limits.idle = .seconds(timeout)
    if let certificate, let certificateKey {
      options.tls = FleetAPIOptions.TLS(certificate: certificate, key: certificateKey)
    }
    return try FleetAPIServer.start(options, desk: desk, logger: logger)
  }
}

extension HTTPAddress: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// Where HTTP may listen, with tokens and without.
enum HTTPRules {
  /// Throws unless the address stays on this machine, or only those with a token can use it and nobody on the way can read
  /// the token.
  static func check(_ address: HTTPAddress, hasTokens: Bool, hasTLS: Bool, plain: Bool) throws {
    guard !address.isLoopback else { return }
    guard hasTokens else {
      throw ValidationError(
        """
        \(address) is open to other machines, so the fleet needs tokens:
          sonarsweep tokens add NAME --role submit --tokens tokens      for each person
        and this command '--tokens tokens'. Or listen on 127.0.0.1:\(address.port), and reach it through an ssh tunnel
        """)
    }
    guard hasTLS || plain else {
      throw ValidationError(
        "\(address) is open to other machines, and without TLS anybody on the way can read tokens: add --certificate FILE "
          + "--certificate-key FILE; or --plain-http where a proxy in front of it ends TLS, or nobody else is on the network"
      )
    }
  }
}
