/// The secret half of a CURVE key pair. It does not show itself when printed, dumped or put into a text.
public struct CurveSecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// For sockets, and for files that only their owner may read; nowhere else.
  public let z85: String

  /// - Returns: nil unless it is a key in Z85.
  public init?(z85: String) {
    guard Z85.isKey(z85) else { return nil }
    self.z85 = z85
  }

  public var description: String { "a secret key" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
