import FleetProtocol
import FleetSecurity
import Foundation
import Logging
import Messaging
import SweepSpec

/// The coordinator's shell: a ROUTER socket, a clock and the journal of jobs around `CoordinatorState`.
public struct CoordinatorService {
  private let socket: Socket
  private let journal: JobJournal?
  /// Nil where everyone who reaches the socket may talk.
  private let gate: Gate?
  /// Where other threads of this process ask for something; nil where none do.
  private let desk: FleetDesk?
  private let logger: Logger
  private let clock = MonotonicClock()
  private var refusals = RefusalLog()
  private var state: CoordinatorState
  private let tick: Duration
  private let keptEnded: Int
  /// Where it listens, the port filled in.
  public let endpoint: String

  /// Messages taken in before the time is looked at again, so that nobody can hold up the others by talking.
  private static let messagesPerTurn = 1000
  /// The least time between two views that nobody asked for.
  private static let showEvery = Duration.milliseconds(250)
  private var nextShow = MonotonicInstant.zero
  /// The name of the key whose message is handled; empty without keys.
  private var sender = ""

  /// - Parameters:
  ///   - keys: who may connect; nil for a socket that only this machine reaches.
  ///   - desk: where the HTTP interface asks and looks.
  ///   - journal: where accepted jobs are kept, and found; without one they end with the process, and clients submit again.
  /// - Throws: `MessagingError` where it cannot listen; `JournalError`.
  public init(
    context: MessagingContext, bind endpoint: String, keys: KeyDirectory? = nil, desk: FleetDesk? = nil,
    journal: JobJournal?, settings: CoordinatorSettings, logger: Logger
  ) throws {
    let socket = try Socket(.router, context)
    self.socket = socket
    gate = try keys.map {
      try Gate(socket, context, keys: $0, roles: [.worker, .aggregator, .client], logger: logger)
    }
    self.endpoint = try socket.bind(endpoint)
    self.desk = desk
    self.journal = journal
    self.logger = logger
    keptEnded = settings.endedJobs
    state = CoordinatorState(settings: settings)
    state.epoch = Date.now.addingTimeInterval(-clock.now.sinceStart.seconds)
    tick = min(.milliseconds(200), settings.lease / 5)
    try restore()
    // Whoever looks before the first turn finds the jobs there.
    desk?.show(view())
  }

  /// Takes up what a former coordinator left in the journal.
  private mutating func restore() throws {
    for view in try journal?.endedJobs() ?? [] { try handle(.remembered(view)) }
    for record in try journal?.jobs() ?? [] {
      switch record {
      case .success(let record): try handle(.restored(record))
      case .failure(let error): logger.error("a job of the journal is left out: \(error)")
      }
    }
  }

  /// Runs until `stop` becomes readable.
  public mutating func run(until stop: Int32) throws {
    defer { desk?.close() }
    while true {
      let sources: [Poller.Source] =
        [.socket(socket), .file(stop)] + (gate?.sources ?? []) + (desk.map { [.file($0.descriptor)] } ?? [])
      let ready = try Poller.wait(sources, timeout: tick)
      if ready[1] { return }
      try gate?.serve()
      for _ in 0..<Self.messagesPerTurn {
        guard let message = try socket.receiveMessage() else { break }
        try receive(message)
      }
      // The wall clock may have been set.
      state.epoch = Date.now.addingTimeInterval(-clock.now.sinceStart.seconds)
      try handle(.tick)
      try serveDesk()
      for line in refusals.lines(at: clock.now) { logger.warning("\(line)") }
    }
  }

  /// Carries out what was asked through the desk, and shows the fleet there: at once after a request, else now and then.
  private mutating func serveDesk() throws {
    guard let desk else { return }
    let requests = desk.takeRequests()
    var answers: [Result<FleetAnswer, any Error>] = []
    for (request, _) in requests { answers.append(Result { try answer(request) }) }
    if !requests.isEmpty || clock.now >= nextShow {
      nextShow = clock.now + Self.showEvery
      desk.show(view())
    }
    // Whoever asked finds the view changed. Everyone is answered, even where the process ends of an error.
    let failed = FleetAnswer.refused(FleetRefusal(.unavailable, "the coordinator is ending"))
    for ((_, continuation), answer) in zip(requests, answers) {
      continuation.resume(returning: (try? answer.get()) ?? failed)
    }
    for answer in answers { _ = try answer.get() }
  }

  private func view() -> FleetView {
    state.view(at: clock.now, wall: .now, refused: refusals.counts + (gate?.refused ?? .init()))
  }

  private mutating func answer(_ request: FleetRequest) throws -> FleetAnswer {
    var answer = FleetAnswer.refused(FleetRefusal(.unavailable, "nothing was asked"))
    do {
      try carryOut { state, now in
        let (answered, commands) = state.answer(request, at: now)
        answer = answered
        return commands
      }
    } catch let error as JournalError {
      return .refused(FleetRefusal(.unavailable, "nothing was done: \(error)"))
    }
    return answer
  }

  /// Carries out what a change of the state asks for, once it is durable.
  ///
  /// - Throws: `JournalError` where it could not be made durable; then the state is as it was.
  private mutating func carryOut(
    _ change: (inout CoordinatorState, MonotonicInstant) -> [CoordinatorState.Command]
  ) throws {
    var next = state
    let commands = change(&next, clock.now)
    for command in commands { try write(command) }
    state = next
    try carryOut(commands.filter { !$0.isForJournal })
  }

  private mutating func receive(_ received: ReceivedMessage) throws {
    let frames = received.frames
    guard frames.count == 2 else { return refusals.add(.malformed, "it has \(frames.count) frames") }
    let peer = Peer(routingID: frames[0])
    do {
      let message = try FleetMessage(decoding: frames[1])
      if let refusal = gate?.refusal(of: message, from: received.userID) {
        try socket.send([peer.routingID, refusal.encoded()])
      } else {
        sender = received.userID.flatMap { gate?.name(of: $0) } ?? ""
        try handle(.received(message, from: peer))
      }
    } catch let error as MessagingError where error.code == .otherVersion {
      try send(.refused(reason: error.description), to: peer)
    } catch let error as MessagingError where error.code == .malformed {
      refusals.add(.malformed, "\(error)")
    }
  }

  private mutating func handle(_ event: CoordinatorState.Event) throws {
    try carryOut(state.handle(event, at: clock.now))
  }

  private mutating func carryOut(_ commands: [CoordinatorState.Command]) throws {
    for command in commands {
      switch command {
      case .send(let message, let peer): try send(message, to: peer)
      case .build(let payload, let peer): try build(payload, from: peer)
      case .journal, .journalEnd: writeOrWarn(command)
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
    } catch {
      return try send(.rejected(reason: "\(error)"), to: peer)
    }
    let owner = sender
    do {
      try carryOut { state, now in state.handle(.submitted(job, owner: owner, from: peer), at: now) }
    } catch let error as JournalError {
      try send(.rejected(reason: "\(error)"), to: peer)
    }
  }

  private func write(_ command: CoordinatorState.Command) throws {
    switch command {
    case .journal(let record): try journal?.keep(record)
    case .journalEnd(let view): try journal?.end(view, keeping: keptEnded)
    case .send, .build, .log: break
    }
  }

  private func writeOrWarn(_ command: CoordinatorState.Command) {
    do {
      try write(command)
    } catch {
      // The next coordinator would find the job as it was, and its store as it is.
      logger.warning("\(error)")
    }
  }
}

extension CoordinatorState.Command {
  fileprivate var isForJournal: Bool {
    switch self {
    case .journal, .journalEnd: true
    case .send, .build, .log: false
    }
  }
}
