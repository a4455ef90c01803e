import FleetProtocol
import Foundation
import Logging
import Messaging
import SweepSpec

/// The coordinator's shell: a ROUTER socket and a clock around `CoordinatorState`.
public struct CoordinatorService {
  private let socket: Socket
  private let logger: Logger
  private let clock = MonotonicClock()
  private var state: CoordinatorState
  /// Where it listens, the port filled in.
  public let endpoint: String

  public init(context: MessagingContext, bind endpoint: String, settings: CoordinatorSettings, logger: Logger) throws {
    socket = try Socket(.router, context)
    self.endpoint = try socket.bind(endpoint)
    self.logger = logger
    state = CoordinatorState(settings: settings)
  }

  /// Runs until `stop` becomes readable.
  public mutating func run(until stop: Int32) throws {
    while true {
      let ready = try Poller.wait([.socket(socket), .file(stop)], timeout: .milliseconds(200))
      if ready[1] { return }
      while let frames = try socket.receive() { try receive(frames) }
      try handle(.tick)
    }
  }

  private mutating func receive(_ frames: [[UInt8]]) throws {
    guard frames.count == 2 else { return logger.warning("a message of \(frames.count) frames was ignored") }
    let peer = Peer(routingID: frames[0])
    do {
      try handle(.received(FleetMessage(decoding: frames[1]), from: peer))
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
