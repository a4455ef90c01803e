import FleetProtocol
import Logging
import Messaging

/// Guards a server socket: only keys in the fleet's list connect, each says only what its role may say, and a key that is
/// revoked is cut off at its next message.
public final class Gate {
  private static let domain = "sonarsweep"
  /// How often the list's file is looked at.
  private static let look = Duration.milliseconds(100)

  private let keys: KeyDirectory
  private let fleet: AllowList.Entry
  private let roles: Set<Hello.Role>
  private let handler: ZAPHandler
  private let monitor: HandshakeMonitor
  private let logger: Logger
  private let clock = MonotonicClock()
  private var list: AllowList
  private var stamp: GuardedFile.Stamp?
  private var nextLook: MonotonicInstant
  /// Why the list could not be read last time; empty where it could.
  private var problem = ""
  private var refusals = RefusalLog()

  /// Guards a socket that is not bound yet, the only guarded one of its context.
  ///
  /// - Parameter roles: who has business at this socket.
  /// - Throws: `KeyError` where the keys cannot be used.
  public init(
    _ socket: Socket, _ context: MessagingContext, keys: KeyDirectory, roles: Set<Hello.Role>, logger: Logger
  ) throws {
    let server = try keys.server()
    self.keys = keys
    fleet = AllowList.Entry(name: AllowList.fleet, role: .aggregator, key: server.server)
    self.roles = roles
    self.logger = logger
    stamp = keys.listStamp
    list = try keys.allowList()
    nextLook = clock.now
    // Before the socket: without a handler libzmq admits every key.
    handler = try ZAPHandler(context, domain: Self.domain)
    try socket.serveCurve(server.pair.secretKey, domain: Self.domain)
    monitor = try HandshakeMonitor(socket, context)
    logger.info("keys that may connect: \(list.entries.count)")
  }

  /// What was refused so far.
  package var refused: RefusalCounts { refusals.counts }

  /// What to poll beside the socket.
  public var sources: [Poller.Source] { [handler.source, monitor.source] }

  /// Answers and counts handshakes, and logs refusals. To be called when a source is readable, and several times a second.
  public func serve() throws {
    rereadNowAndThen()
    try handler.answer { request in
      // A key may have been added this moment, and libzmq does not try twice.
      reread()
      if entry(of: request.key) != nil { return request.key.rawValue }
      let place = request.address.isEmpty ? "" : " from \(request.address)"
      refusals.add(.unknown, "\(request.key)\(place)")
      return nil
    }
    while let failure = try monitor.next() {
      switch failure {
      case .mechanism: refusals.add(.plain)
      case .cryptography: refusals.add(.wrongServer)
      case .refused: break  // Counted above.
      case .other: refusals.add(.handshake)
      }
    }
    for line in refusals.lines(at: clock.now) { logger.warning("\(line)") }
  }

  /// What to answer to a message in place of handling it; nil where it may be handled.
  ///
  /// - Parameter userID: the received message's. The key itself rather than its name: a name that is revoked and added
  ///   again stands for another key.
  public func refusal(of message: FleetMessage, from userID: String?) -> FleetMessage? {
    rereadNowAndThen()
    guard let entry = userID.flatMap(CurvePublicKey.init(rawValue:)).flatMap(entry(of:)) else {
      refusals.add(.revoked, userID ?? "")
      return message.refusal("this key was revoked")
    }
    guard message.senders.intersection(roles).contains(entry.role) else {
      let (name, role) = (entry.name, entry.role.rawValue)
      refusals.add(.role, "'\(name)', which is a key for the role \(role)")
      return message.refusal("the key '\(name)' is for the role \(role), which may not do this here")
    }
    return nil
  }

  /// The name of the key a message came with; nil where it was revoked.
  public func name(of userID: String) -> String? { CurvePublicKey(rawValue: userID).flatMap(entry(of:))?.name }

  private func entry(of key: CurvePublicKey) -> AllowList.Entry? { key == fleet.key ? fleet : list[key] }

  private func rereadNowAndThen() {
    let now = clock.now
    guard now >= nextLook else { return }
    nextLook = now + Self.look
    reread()
  }

  /// Takes over a changed list. One that cannot be read changes nothing: a slip of an editor must not stop the fleet.
  private func reread() {
    let current = keys.listStamp
    guard current != stamp else { return }
    do {
      list = try keys.allowList()
      stamp = current
      problem = ""
      logger.info("the list of keys has changed; keys that may connect: \(list.entries.count)")
    } catch {
      // Looked at again until it can be read; said once.
      guard problem != "\(error)" else { return }
      problem = "\(error)"
      logger.error("the list of keys has changed and cannot be read; the former one stays in force: \(error)")
    }
  }
}
