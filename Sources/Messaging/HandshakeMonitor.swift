import CZeroMQ
import Synchronization

/// Hears of connections to or from a socket that failed before the first message.
public final class HandshakeMonitor {
  public enum Failure: Hashable, Sendable {
    /// One side uses CURVE, the other does not. libzmq does not connect again.
    case mechanism
    /// A box that does not open: the client holds another server's key. Only the server hears of this.
    case cryptography
    /// The key was refused. libzmq does not connect again.
    case refused
    /// The other side went away, as it does when it is first to find the mechanisms different, or what came was no ZMTP.
    case other
  }

  private static let numbers = Atomic<Int>(0)
  private let events: Socket

  /// Made before the socket is bound or connected.
  public init(_ socket: Socket, _ context: MessagingContext) throws {
    let endpoint = "inproc://handshakes-\(Self.numbers.add(1, ordering: .relaxed).newValue)"
    let kinds =
      ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
    guard zmq_socket_monitor(socket.handle, endpoint, Int32(kinds)) == 0 else {
      throw MessagingError.last("monitor a socket")
    }
    // libzmq's I/O thread would wait for room in a limited queue.
    events = try Socket(.pair, context, receiveLimit: 0)
    try events.connect(endpoint)
  }

  public var source: Poller.Source { .socket(events) }

  /// The next failure that was not yet told of; nil where there is none.
  public func next() throws -> Failure? {
    while let frames = try events.receive() {
      // The event's kind and value, in this machine's byte order, then the endpoint.
      guard let event = frames.first, event.count == 6 else { continue }
      let (kind, value) = event.withUnsafeBytes {
        ($0.loadUnaligned(as: UInt16.self), $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
      }
      switch (Int32(kind), Int64(value)) {
      case (ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, _): return .refused
      case (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, Int64(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)): return .mechanism
      case (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, Int64(ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)): return .cryptography
      case (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, _), (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, _): return .other
      default: continue
      }
    }
    return nil
  }
}
