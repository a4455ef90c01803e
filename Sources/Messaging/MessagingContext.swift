import CZeroMQ

/// A process's ZeroMQ context: the I/O threads its sockets share. Thread-safe, as libzmq's contexts are.
public final class MessagingContext: Sendable {
  /// Written once in `init`; libzmq documents contexts as thread-safe.
  nonisolated(unsafe) let handle: UnsafeMutableRawPointer

  public init() throws {
    guard let handle = zmq_ctx_new() else { throw MessagingError.last("create a ZeroMQ context") }
    self.handle = handle
  }

  deinit { zmq_ctx_term(handle) }
}
