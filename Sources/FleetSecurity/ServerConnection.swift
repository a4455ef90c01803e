import FleetProtocol
import Logging
import Messaging

/// A DEALER to one of the fleet's servers, with CURVE where there is a key. It connects again where libzmq gives up, and
/// says why it is not let in.
public final class ServerConnection {
  /// Another one after each refusal.
  public private(set) var socket: Socket
  private var monitor: HandshakeMonitor
  private let endpoint: String
  private let context: MessagingContext
  private let key: KeyFile?
  private let logger: Logger
  private let clock = MonotonicClock()
  private var nextLine: [HandshakeMonitor.Failure: MonotonicInstant] = [:]
  private var reconnectAt: MonotonicInstant?

  private static let patience = Duration.seconds(1)
  /// The least time between two lines of a kind.
  private static let interval = Duration.seconds(30)

  public init(_ endpoint: String, _ context: MessagingContext, key: KeyFile?, logger: Logger) throws {
    self.endpoint = endpoint
    self.context = context
    self.key = key
    self.logger = logger
    (socket, monitor) = try Self.connect(endpoint, context, key)
  }

  private static func connect(_ endpoint: String, _ context: MessagingContext, _ key: KeyFile?) throws
    -> (Socket, HandshakeMonitor)
  {
    let socket = try Socket(.dealer, context)
    if let key { try socket.useCurve(key.pair, server: key.server) }
    let monitor = try HandshakeMonitor(socket, context)
    try socket.connect(endpoint)
    return (socket, monitor)
  }

  /// Logs failed handshakes, and connects again. To be called several times a second.
  public func look() throws {
    let now = clock.now
    while let failure = try monitor.next() {
      // After these libzmq does not try again; but keys are added, and servers restarted.
      if failure == .refused || failure == .mechanism { reconnectAt = now + Self.patience }
      if let next = nextLine[failure], now < next { continue }
      nextLine[failure] = now + Self.interval
      logger.warning("\(endpoint) does not let this process in: \(explain(failure))")
    }
    if let at = reconnectAt, now >= at {
      reconnectAt = nil
      (socket, monitor) = try Self.connect(endpoint, context, key)
    }
  }

  private func explain(_ failure: HandshakeMonitor.Failure) -> String {
    switch failure {
    case _ where key == nil: "it wants a key; make one with sonarsweep keys add, and give --key FILE"
    case .refused:
      "its key \(key?.pair.publicKey.rawValue ?? "") is unknown or was revoked; an administrator adds it: sonarsweep keys add"
    case .mechanism: "it uses no keys; start it with --keys DIR"
    case .cryptography, .other:
      "the handshake broke off; if this comes again and again, the key file is for another fleet (its server-key)"
    }
  }
}
