import CZeroMQ

/// A ZeroMQ socket. Belongs to the thread that made it.
///
/// Nothing blocks for ever: sending gives up when a peer's queue is full, closing drops what is unsent after
/// `lingerMilliseconds`.
public final class Socket {
  public enum Kind {
    /// Answers many peers; the first frame of every message is the peer's routing id.
    case router
    /// Talks to one router.
    case dealer
    /// Joins two threads of a process.
    case pair
    /// Answers one request after the other.
    case reply

    var code: Int32 {
      switch self {
      case .router: ZMQ_ROUTER
      case .dealer: ZMQ_DEALER
      case .pair: ZMQ_PAIR
      case .reply: ZMQ_REP
      }
    }
  }

  public enum Delivery {
    case sent
    /// The peer's queue is full.
    case full
    /// A router knows no such peer (any more).
    case unreachable
  }

  /// The largest message a peer may send, in bytes; libzmq drops the connection of one that sends more.
  public static let maximumMessageBytes = 64 << 20

  /// Frames of a message that are kept: no message of the fleet has more. libzmq has no such limit, and holds a message
  /// until its last frame has come.
  public static let maximumFrames = 8

  let handle: UnsafeMutableRawPointer
  private let context: MessagingContext

  /// - Parameters:
  ///   - sendLimit: how many messages may wait to be sent to a peer; 0 is no limit.
  ///   - receiveLimit: how many of a peer's messages may wait to be received; 0 is no limit.
  ///   - lingerMilliseconds: how long closing waits for what is unsent.
  public init(
    _ kind: Kind, _ context: MessagingContext, sendLimit: Int = 1000, receiveLimit: Int = 1000,
    lingerMilliseconds: Int = 500
  ) throws {
    guard let handle = zmq_socket(context.handle, kind.code) else { throw MessagingError.last("create a socket") }
    self.handle = handle
    self.context = context
    try set(ZMQ_LINGER, Int32(lingerMilliseconds))
    try set(ZMQ_SNDHWM, Int32(sendLimit))
    try set(ZMQ_RCVHWM, Int32(receiveLimit))
    try set(ZMQ_MAXMSGSIZE, Int64(Self.maximumMessageBytes))
    if case .router = kind { try set(ZMQ_ROUTER_MANDATORY, Int32(1)) }
    if case .dealer = kind {
      // A peer that comes back is found within a second.
      try set(ZMQ_RECONNECT_IVL, Int32(50))
      try set(ZMQ_RECONNECT_IVL_MAX, Int32(1000))
    }
  }

  deinit { zmq_close(handle) }

  /// Binds and returns the endpoint bound to, with the port that `tcp://127.0.0.1:*` was given.
  @discardableResult
  public func bind(_ endpoint: String) throws -> String {
    try allowIPv6(endpoint)
    guard zmq_bind(handle, endpoint) == 0 else {
      guard zmq_errno() == EADDRINUSE else { throw MessagingError.last("bind to \(endpoint)") }
      throw MessagingError(.socket, "another process listens on \(endpoint) already; stop it, or bind to another place")
    }
    var bound = [CChar](repeating: 0, count: 256)
    var size = bound.count
    guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &bound, &size) == 0 else {
      throw MessagingError.last("read the endpoint bound to")
    }
    return String(decoding: bound.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Connects in the background, again and again where the peer is not there yet. Throws only for a malformed endpoint.
  public func connect(_ endpoint: String) throws {
    try allowIPv6(endpoint)
    guard zmq_connect(handle, endpoint) == 0 else { throw MessagingError.last("connect to \(endpoint)") }
  }

  /// Sends a message of one or more frames, without waiting unless `waiting`.
  @discardableResult
  public func send(_ frames: [[UInt8]], waiting: Bool = false) throws -> Delivery {
    for (i, frame) in frames.enumerated() {
      let flags = (i < frames.count - 1 ? ZMQ_SNDMORE : 0) | (waiting ? 0 : ZMQ_DONTWAIT)
      let sent = retryingInterrupts { zmq_send(handle, frame, frame.count, flags) }
      guard sent < 0 else { continue }
      switch zmq_errno() {
      case EAGAIN where i == 0: return .full
      case EHOSTUNREACH: return .unreachable
      default: throw MessagingError.last("send a message")
      }
    }
    return .sent
  }

  /// The next message's frames, or nil where none waits (or, `waiting`, never).
  public func receive(waiting: Bool = false) throws -> [[UInt8]]? { try receiveMessage(waiting: waiting)?.frames }

  /// The next message and who sent it, or nil where none waits (or, `waiting`, never).
  public func receiveMessage(waiting: Bool = false) throws -> ReceivedMessage? {
    var frames: [[UInt8]] = []
    var isFirst = true
    while true {
      var message = zmq_msg_t()
      zmq_msg_init(&message)
      defer { zmq_msg_close(&message) }
      let flags = waiting || !isFirst ? 0 : ZMQ_DONTWAIT
      guard retryingInterrupts({ zmq_msg_recv(&message, handle, flags) }) >= 0 else {
        if zmq_errno() == EAGAIN { return nil }
        throw MessagingError.last("receive a message")
      }
      isFirst = false
      if frames.count <= Self.maximumFrames {
        frames.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message))))
      }
      if zmq_msg_more(&message) == 0 {
        return ReceivedMessage(frames: frames, userID: zmq_msg_gets(&message, "User-Id").map { String(cString: $0) })
      }
    }
  }

  /// Only where it is asked for: libzmq then writes IPv4 endpoints differently.
  private func allowIPv6(_ endpoint: String) throws {
    if endpoint.contains("[") { try set(ZMQ_IPV6, Int32(1)) }
  }

  func set<Value>(_ option: Int32, _ value: Value) throws {
    try withUnsafeBytes(of: value) { bytes in
      guard zmq_setsockopt(handle, option, bytes.baseAddress, bytes.count) == 0 else {
        throw MessagingError.last("set socket option \(option)")
      }
    }
  }
}

/// Repeats a call that a signal interrupted.
func retryingInterrupts(_ call: () -> Int32) -> Int32 {
  while true {
    let result = call()
    if result >= 0 || zmq_errno() != EINTR { return result }
  }
}
