import FleetProtocol
import FleetSecurity
import Foundation
import Logging
import Messaging
import SweepSpec

/// The coordinator's shell: a ROUTER socket and a clock around `CoordinatorState`.
public struct CoordinatorService {
  private let socket: Socket
  /// Nil where everyone who reaches the socket may talk.
  private let gate: Gate?
  private let logger: Logger
  private let clock = MonotonicClock()
  private var state: CoordinatorState
  /// Where it listens, the port filled in.
  public let endpoint: String

  /// Messages taken in before the time is looked at again, so that nobody can hold up the others by talking.
  private static let messagesPerTurn = 1000

  /// - Parameter keys: who may connect; nil for a socket that only this machine reaches.
  public init(
    context: MessagingContext, bind endpoint: String, keys: KeyDirectory? = nil, settings: CoordinatorSettings,
    logger: Logger
  ) throws {
    let socket = try Socket(.router, context)
    self.socket = socket
    gate = try keys.map {
      try Gate(socket, context, keys: $0, roles: [.worker, .aggregator, .client], logger: logger)
    }
    self.endpoint = try socket.bind(endpoint)
    self.logger = logger
    state = CoordinatorState(settings: settings)
  }

  /// Runs until `stop` becomes readable.
  public mutating func run(until stop: Int32) throws {
    while true {
      let ready = try Poller.wait([.socket(socket), .file(stop)] + (gate?.sources ?? []), timeout: .milliseconds(200))
      if ready[1] { return }
      try gate?.serve()
      for _ in 0..<Self.messagesPerTurn {
        guard let message = try socket.receiveMessage() else { break }
        try receive(message)
      }
      try handle(.tick)
    }
  }

  private mutating func receive(_ received: ReceivedMessage) throws {
    let frames = received.frames
    guard frames.count == 2 else { return logger.warning("a message of \(frames.count) frames was ignored") }
    let peer = Peer(routingID: frames[0])
    do {
      let message = try FleetMessage(decoding: frames[1])
      if let refusal = gate?.refusal(of: message, from: received.userID) {
        try socket.send([peer.routingID, refusal.encoded()])
      } else {
        try handle(.received(message, from: peer))
      }
    } catch let error as MessagingError where error.code == .otherVersion {
      try socket.send([peer.routingID, FleetMessage.refused(reason: error.description).encoded()])
    } catch let error as MessagingError where error.code == .malformed {
      logger.warning("a message was ignored: \(error)")
    }
  }

  private mutating func handle(_ event: CoordinatorState.Event) throws {
    for command in state.handle(event, at: clock.now) {
      switch command {
      case .send(let message, let peer):
        // A peer that is gone or stuck is found out by its heartbeats.
        try socket.send([peer.routingID, message.encoded()])
      case .build(let payload, let peer): try build(payload, from: peer)
      case .log(let text): logger.info("\(text)")
      }
    }
  }

  private mutating func build(_ payload: JobPayload, from peer: Peer) throws {
    do {
      try handle(.submitted(payload.makeJob(), from: peer))
    } catch let error as SweepError {
      try socket.send([peer.routingID, FleetMessage.rejected(reason: error.description).encoded()])
    }
  }
}
