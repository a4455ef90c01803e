/// Decides which keys may connect to a context's CURVE servers: ZeroMQ's authentication protocol (RFC 27).
///
/// It has no thread: its owner polls `source` and calls `answer`. Handshakes wait meanwhile; libzmq gives them 30 s.
public final class ZAPHandler {
  public struct Request: Sendable {
    /// The key that the peer has proved to hold.
    public let key: CurvePublicKey
    /// The peer's IP address; empty for ipc.
    public let address: String
  }

  private let socket: Socket
  private let domain: String

  /// One per context, made before its servers.
  ///
  /// - Parameter domain: of the servers that it admits to.
  public init(_ context: MessagingContext, domain: String) throws {
    socket = try Socket(.reply, context)
    self.domain = domain
    try socket.bind("inproc://zeromq.zap.01")
  }

  public var source: Poller.Source { .socket(socket) }

  /// Answers every handshake that waits.
  ///
  /// - Parameter decide: a user id for a key that may connect, nil for one that may not.
  public func answer(_ decide: (Request) -> String?) throws {
    while let frames = try socket.receive() {
      // Version, request id, domain, address, routing id, mechanism, the key in 32 bytes.
      let (version, id) = (Array("1.0".utf8), frames.count > 1 ? frames[1] : [])
      guard frames.count == 7, frames[0] == version, frames[2] == Array(domain.utf8), frames[5] == Array("CURVE".utf8),
        let key = CurvePublicKey(bytes: frames[6]),
        let user = decide(Request(key: key, address: String(decoding: frames[3], as: UTF8.self)))
      else {
        try socket.send([version, id, Array("400".utf8), Array("this key may not connect".utf8), [], []])
        continue
      }
      try socket.send([version, id, Array("200".utf8), Array("OK".utf8), Array(user.utf8), []])
    }
  }
}
