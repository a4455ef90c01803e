/// Where an HTTP server listens, as `HOST:PORT` says it.
public struct HTTPAddress: Hashable, Sendable, CustomStringConvertible {
  /// A name or an address; an IPv6 address without its brackets.
  public let host: String
  /// 0 for any free one.
  public let port: Int

  public init(host: String, port: Int) { (self.host, self.port) = (host, port) }

  /// Nil where the text is no `HOST:PORT`; the port `*` is any free one, the host `*` every address.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let (host, port) = (text[..<colon], text[text.index(after: colon)...])
    guard let number = port == "*" ? 0 : Int(port), (0...65_535).contains(number), port.first != "+" else { return nil }
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    let name = isBracketed ? String(host.dropFirst().dropLast()) : String(host)
    guard !name.isEmpty, isBracketed || !name.contains(":"), !name.contains(where: { $0.isWhitespace || $0 == "/" })
    else { return nil }
    self.init(host: name == "*" ? "0.0.0.0" : name, port: number)
  }

  /// Whether only this machine reaches it.
  public var isLoopback: Bool { Self.isLoopback(host) }

  static func isLoopback(_ host: some StringProtocol) -> Bool {
    if host.lowercased() == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
