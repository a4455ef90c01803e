import Foundation

/// Which coordinator a client talks to, and with what token. What a flag says comes first, then the environment, then
/// the configuration file.
public struct ClientConfiguration: Hashable, Sendable {
  /// The URL, without a slash at its end, as `http://127.0.0.1:5780`.
  public var coordinator: String
  /// Nil where the fleet has no tokens.
  public var token: String?
  /// A PEM file of the certificates to trust in place of the machine's own; nil for the machine's own.
  public var certificateAuthority: String?

  /// What the command line says; nil where it says nothing.
  public struct Flags: Sendable {
    public var coordinator: String?
    public var tokenFile: String?
    public var certificateAuthority: String?

    public init(coordinator: String? = nil, tokenFile: String? = nil, certificateAuthority: String? = nil) {
      (self.coordinator, self.tokenFile) = (coordinator, tokenFile)
      self.certificateAuthority = certificateAuthority
    }
  }

  public init(coordinator: String, token: String? = nil, certificateAuthority: String? = nil) {
    (self.coordinator, self.token, self.certificateAuthority) = (coordinator, token, certificateAuthority)
  }

  /// - Parameters:
  ///   - environment: SONARSWEEP_COORDINATOR, SONARSWEEP_TOKEN, SONARSWEEP_CA_FILE, XDG_CONFIG_HOME and HOME count.
  ///   - read: reads a file; nil where there is none.
  /// - Throws: `FleetClientError` where no coordinator is named, or something that is named cannot be used.
  public init(
    flags: Flags, environment: [String: String],
    read: (String) throws -> ConfigurationSource? = ConfigurationSource.init
  ) throws {
    let path = Self.path(in: environment)
    let file = try path.flatMap { path in try read(path).map { try ConfigurationFile($0, path: path) } }
    guard let url = flags.coordinator ?? environment.nonEmpty("SONARSWEEP_COORDINATOR") ?? file?.coordinator else {
      throw FleetClientError(
        .configuration,
        "no coordinator is named: add --coordinator URL, set SONARSWEEP_COORDINATOR, or write 'coordinator: URL' into "
          + (path ?? "~/.config/sonarsweep/config.yaml"))
    }
    coordinator = try Self.normalised(url)
    certificateAuthority =
      flags.certificateAuthority ?? environment.nonEmpty("SONARSWEEP_CA_FILE") ?? file?.certificateAuthority
    if let tokenFile = flags.tokenFile {
      token = try Self.token(in: tokenFile, read)
    } else if let word = environment.nonEmpty("SONARSWEEP_TOKEN") {
      token = try Self.token(word, from: "SONARSWEEP_TOKEN")
    } else if let file, try file.coordinator.map(Self.normalised) ?? coordinator == coordinator {
      // A token is for the coordinator it stands beside, and told to no other.
      token =
        try file.token.map { try Self.token($0, from: path ?? "") }
        ?? file.tokenFile.map { try Self.token(in: $0, read) }
    } else {
      token = nil
    }
    try checkSecrecy()
  }

  /// Whether the environment or the configuration file names a coordinator.
  public static func isConfigured(
    _ environment: [String: String], read: (String) throws -> ConfigurationSource? = ConfigurationSource.init
  ) throws -> Bool {
    if environment.nonEmpty("SONARSWEEP_COORDINATOR") != nil { return true }
    guard let path = path(in: environment), let source = try read(path) else { return false }
    return try ConfigurationFile(source, path: path).coordinator != nil
  }

  /// Where the configuration file is; nil where there is no home.
  package static func path(in environment: [String: String]) -> String? {
    // The XDG specification passes over relative paths.
    if let base = environment.nonEmpty("XDG_CONFIG_HOME"), base.hasPrefix("/") {
      return "\(base)/sonarsweep/config.yaml"
    }
    return environment.nonEmpty("HOME").map { "\($0)/.config/sonarsweep/config.yaml" }
  }

  private static func normalised(_ text: String) throws -> String {
    func refuse(_ reason: String) -> FleetClientError {
      FleetClientError(
        .configuration, "'\(text)' is no coordinator's URL: \(reason); write it as http://127.0.0.1:5780")
    }
    if text.hasPrefix("tcp://") || text.hasPrefix("ipc://") {
      throw refuse("that is where workers connect; clients use the one of --http")
    }
    guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https"
    else {
      throw refuse("it starts with http:// or https://")
    }
    guard let host = url.host(), !host.isEmpty else { throw refuse("the host is missing") }
    guard url.user() == nil, url.query() == nil, url.fragment() == nil else {
      throw refuse("it has nothing but a host, a port and a path")
    }
    var result = text
    while result.hasSuffix("/") { result.removeLast() }
    return result
  }

  private static func token(in path: String, _ read: (String) throws -> ConfigurationSource?) throws -> String {
    guard let source = try read(path) else {
      throw FleetClientError(.configuration, "there is no token file \(path)")
    }
    try source.checkSecrecy(of: path)
    return try token(source.text, from: path)
  }

  private static func token(_ text: String, from place: String) throws -> String {
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !token.isEmpty, token.utf8.count <= 4096, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw FleetClientError(
        .configuration, "\(place) holds no token: one word is needed, as 'sonarsweep tokens add' prints it")
    }
    return token
  }

  /// Throws where the token would be readable on its way.
  private func checkSecrecy() throws {
    guard token != nil, let url = URL(string: coordinator), url.scheme?.lowercased() == "http", let host = url.host(),
      !Self.isLoopback(host)
    else { return }
    throw FleetClientError(
      .configuration,
      "a token is not sent to \(coordinator) unencrypted, where others could read it; use https://, or an ssh tunnel to "
        + "http://127.0.0.1:PORT")
  }

  static func isLoopback(_ host: String) -> Bool {
    let bare = host.trimmingCharacters(in: ["[", "]"])
    if bare.lowercased() == "localhost" || bare == "::1" { return true }
    let parts = bare.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension [String: String] {
  fileprivate func nonEmpty(_ key: String) -> String? { self[key].flatMap { $0.isEmpty ? nil : $0 } }
}
