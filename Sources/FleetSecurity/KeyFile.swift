import Messaging

/// All that a process needs to take part in a fleet: its own key pair, and the key by which it knows the fleet.
///
/// On disk it is ZeroMQ's certificate format (RFC 4, ZPL), which czmq and pyzmq read too, with one more line, `server-key`.
public struct KeyFile: Sendable {
  /// The most bytes that a file may have.
  private static let limit = 64 << 10

  public let name: String
  public let pair: CurveKeyPair
  /// The fleet's public key.
  public let server: CurvePublicKey

  init(name: String, pair: CurveKeyPair, server: CurvePublicKey) {
    self.name = name
    self.pair = pair
    self.server = server
  }

  /// Reads a file that only its owner may read.
  ///
  /// - Throws: `KeyError` where it is missing, open to others, or holds no keys.
  public init(reading path: String) throws {
    let values = Self.values(try GuardedFile.read(path, .secret, limit: Self.limit))
    func key<Key>(_ name: String, _ make: (String) -> Key?) throws -> Key {
      guard let key = values[name].flatMap(make) else {
        throw KeyError(
          .malformed, "\(path) has no line '\(name) = \"...\"' with a key of 40 characters in Z85; is it a key file?")
      }
      return key
    }
    pair = try CurveKeyPair(secretKey: key("secret-key", CurveSecretKey.init(z85:)))
    server = try key("server-key", CurvePublicKey.init(rawValue:))
    guard try key("public-key", CurvePublicKey.init(rawValue:)) == pair.publicKey else {
      throw KeyError(.malformed, "\(path): public-key and secret-key are no pair")
    }
    name = values["name"] ?? ""
  }

  func write(to path: String) throws {
    try GuardedFile.write(
      """
      # A key of a SonarSweep fleet. Secret: keep it to this host and user, mode 0600.
      metadata
          name = "\(name)"
      curve
          public-key = "\(pair.publicKey.rawValue)"
          secret-key = "\(pair.secretKey.z85)"
          server-key = "\(server.rawValue)"

      """, to: path, .secret)
  }

  /// Every `name = "value"`; sections do not matter.
  private static func values(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let name = line[..<equals].filter { !$0.isWhitespace }
      values[name] = String(line[line.index(after: equals)...].filter { !$0.isWhitespace && $0 != "\"" })
    }
    return values
  }
}
