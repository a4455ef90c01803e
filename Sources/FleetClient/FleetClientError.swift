/// Why a coordinator did not do what it was asked, in a sentence that says what to do.
public struct FleetClientError: Error, CustomStringConvertible, Hashable, Sendable {
  public enum Code: Hashable, Sendable {
    /// The configuration names no coordinator, or cannot be used.
    case configuration
    /// Nobody answers at the URL, or no longer.
    case noAnswer
    case timedOut
    /// The connection is not secure, or cannot be.
    case tls
    /// No token, or one that is not known.
    case unauthenticated
    /// The token's role does not allow it.
    case forbidden
    case notFound
    /// The job file has mistakes; one line each, as `file:line: key: message`.
    case mistakes([String])
    /// Refused for another reason, which the message gives.
    case refused(status: Int)
    case unexpectedAnswer
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }

  /// Whether the same may succeed a little later: the coordinator is starting again, or the network comes back.
  public var isPassing: Bool {
    switch code {
    case .noAnswer, .timedOut, .refused(status: 502...504), .refused(status: 429): true
    default: false
    }
  }
}
