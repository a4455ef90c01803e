import Foundation

/// A ZeroMQ endpoint, read as libzmq reads it, to know how far it reaches.
public struct Endpoint: Hashable, Sendable {
  public enum Reach: Hashable, Sendable {
    /// ipc, or a loopback address.
    case machine
    /// An address, an interface or a host's name, which others may reach.
    case network
    /// Every address of this machine; where to connect it does not say.
    case everywhere
  }

  public let text: String
  public let reach: Reach
  /// The host of a tcp endpoint as written; empty for ipc.
  public let host: String
  /// The port of a tcp endpoint, `*` for any free one; empty for ipc.
  public let port: String

  /// - Returns: nil unless it is `tcp://HOST:PORT` or `ipc:///PATH`.
  public init?(_ text: String) {
    self.text = text
    if text.hasPrefix("ipc://") {
      guard text.count > "ipc://".count else { return nil }
      (reach, host, port) = (.machine, "", "")
      return
    }
    let address = text.dropFirst("tcp://".count)
    guard text.hasPrefix("tcp://"), let colon = address.lastIndex(of: ":") else { return nil }
    (host, port) = (String(address[..<colon]), String(address[address.index(after: colon)...]))
    guard port == "*" || (port.allSatisfy(\.isASCIIDigit) && UInt16(port) != nil),
      !host.isEmpty, !host.contains(where: { $0.isWhitespace || "/;@".contains($0) })
    else { return nil }
    reach = Self.reach(of: host)
  }

  private static func reach(of host: String) -> Reach {
    if host == "*" { return .everywhere }
    if host == "localhost" { return .machine }
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    // The same call as libzmq's, so that 127.1 and 0 mean here what they mean there; a name is never resolved.
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(bare, nil, &hints, &found) == 0, let address = found?.pointee.ai_addr else { return .network }
    defer { freeaddrinfo(found) }
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { reach(of: $0.pointee.sin_addr) }
    case AF_INET6:
      return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { reach(of: $0.pointee.sin6_addr) }
    default: return .network
    }
  }

  private static func reach(of address: in_addr) -> Reach {
    let value = UInt32(bigEndian: address.s_addr)
    return value == 0 ? .everywhere : value >> 24 == 127 ? .machine : .network
  }

  private static func reach(of address: in6_addr) -> Reach {
    let bytes = withUnsafeBytes(of: address) { Array($0) }
    // An IPv4 address in IPv6's clothes.
    if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) {
      return bytes[12] == 127 ? .machine : bytes[12...].allSatisfy { $0 == 0 } ? .everywhere : .network
    }
    guard bytes.dropLast().allSatisfy({ $0 == 0 }) else { return .network }
    return bytes[15] == 0 ? .everywhere : bytes[15] == 1 ? .machine : .network
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
