import CZeroMQ

/// A socket operation that failed, or bytes that are not a message.
public struct MessagingError: Error, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// libzmq reported an error.
    case socket
    /// Bytes are not MessagePack, or exceed a limit.
    case malformed
    /// A message of another version of the protocol.
    case otherVersion
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// libzmq's last error on this thread.
  static func last(_ action: String) -> MessagingError {
    MessagingError(.socket, "\(action): \(String(cString: zmq_strerror(zmq_errno())))")
  }
}
