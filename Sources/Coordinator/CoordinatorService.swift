import FleetProtocol
import Foundation
import Logging
import Messaging
import SweepSpec

/// The coordinator's shell: a ROUTER socket, a clock and the journal of jobs around `CoordinatorState`.
public struct CoordinatorService {
  private let socket: Socket
  private let journal: JobJournal?
  private let logger: Logger
  private let clock = MonotonicClock()
  private var state: CoordinatorState
  private let tick: Duration
  /// Where it listens, the port filled in.
  public let endpoint: String

  /// - Parameter journal: where accepted jobs are kept; without one they end with the process, and clients submit again.
  public init(
    context: MessagingContext, bind endpoint: String, journal: JobJournal?, settings: CoordinatorSettings,
    logger: Logger
  ) throws {
    socket = try Socket(.router, context)
    self.endpoint = try socket.bind(endpoint)
    self.journal = journal
    self.logger = logger
    state = CoordinatorState(settings: settings)
    tick = min(.milliseconds(200), settings.lease / 5)
  }

  /// Runs until `stop` becomes readable.
  public mutating func run(until stop: Int32) throws {
    for job in try journal?.jobs() ?? [] {
      switch job {
      case .success(let job): try handle(.restored(job))
      case .failure(let error): logger.error("a job of the journal is left out: \(error)")
      }
    }
    while true {
      let ready = try Poller.wait([.socket(socket), .file(stop)], timeout: tick)
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
      try send(.refused(reason: error.description), to: peer)
    } catch let error as MessagingError where error.code == .malformed {
      logger.warning("a message was ignored: \(error)")
    }
  }

  private mutating func handle(_ event: CoordinatorState.Event) throws {
    for command in state.handle(event, at: clock.now) {
      switch command {
      case .send(let message, let peer): try send(message, to: peer)
      case .build(let payload, let peer): try build(payload, from: peer)
      case .strike(let job): strike(job)
      case .log(let text): logger.info("\(text)")
      }
    }
  }

  private func send(_ message: FleetMessage, to peer: Peer) throws {
    // A peer that is gone or stuck is found out by its heartbeats.
    try socket.send([peer.routingID, message.encoded()])
  }

  private mutating func build(_ payload: JobPayload, from peer: Peer) throws {
    let job: Job
    do {
      job = try payload.makeJob()
      try journal?.keep(payload)
    } catch {
      return try send(.rejected(reason: "\(error)"), to: peer)
    }
    try handle(.submitted(job, from: peer))
  }

  private func strike(_ job: JobID) {
    do {
      try journal?.strike(job)
    } catch {
      // It would be found complete by the next coordinator, and struck then.
      logger.warning("job \(job) stays in the journal: \(error)")
    }
  }
}
