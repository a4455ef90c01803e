import FleetProtocol
import FleetSecurity
import Foundation
import Logging
import Messaging
import SonarModel
import SweepSpec
import Synchronization

/// The worker's shell: sockets to the coordinator, the aggregator and the compute thread, around `WorkerState`.
public struct WorkerService {
  private let context: MessagingContext
  private let key: KeyFile?
  private let coordinatorConnection: ServerConnection
  private let compute: Socket
  private let logger: Logger
  private let clock = MonotonicClock()
  private var aggregatorConnection: ServerConnection?
  private var state: WorkerState
  private var failure: String?

  /// - Parameter key: shown to coordinator and aggregator; nil where they want none.
  public init(
    context: MessagingContext, coordinator endpoint: String, key: KeyFile? = nil, hello: Hello, logger: Logger
  ) throws {
    self.context = context
    self.key = key
    coordinatorConnection = try ServerConnection(endpoint, context, key: key, logger: logger)
    logger.info("waiting for the coordinator at \(endpoint)")
    // Never blocks towards the compute thread, which may itself be blocked on its full queue; what is sent there is
    // bounded by what it asked for.
    compute = try Socket(.pair, context, sendLimit: 0, receiveLimit: 1, lingerMilliseconds: 0)
    try compute.bind(ComputeLoop.endpoint)
    self.logger = logger
    state = WorkerState(hello: hello)
  }

  private var coordinator: Socket { coordinatorConnection.socket }
  private var aggregator: Socket? { aggregatorConnection?.socket }

  /// Runs until `stop` becomes readable.
  ///
  /// - Parameter loadModel: called on the compute thread, which the model then belongs to.
  /// - Throws: `FleetError` when the coordinator refuses the worker or the compute thread fails.
  public mutating func run(until stop: Int32, loadModel: @escaping @Sendable () throws -> SonarModel?) throws {
    let outcome = ComputeOutcome()
    // Made here and used by the new thread alone: libzmq lets sockets move between threads across a full fence, which
    // starting a thread is.
    nonisolated(unsafe) let socket = try ComputeLoop.connect(context)
    let thread = Thread {
      outcome.record { try ComputeLoop(socket: socket, model: loadModel()).run() }
    }
    thread.stackSize = 8 << 20
    thread.start()
    try coordinator.send([state.greeting.encoded()])
    while failure == nil {
      var sources: [Poller.Source] = [.file(stop), .socket(coordinator)]
      if let aggregator { sources.append(.socket(aggregator)) }
      if state.acceptsComputed { sources.append(.socket(compute)) }
      if try Poller.wait(sources, timeout: .milliseconds(100))[0] { break }
      try coordinatorConnection.look()
      try aggregatorConnection?.look()
      try receiveAll()
      try handle(.tick)
      if let error = outcome.error { throw FleetError("computing failed: \(error)") }
    }
    try handle(.stop)
    try endComputing(outcome)
    if let failure { throw FleetError(failure) }
  }

  /// Lets the compute thread end, throwing away what it still hands over. A step of a large model may outlast the grace
  /// period; the process then ends without it.
  private func endComputing(_ outcome: ComputeOutcome) throws {
    try compute.send([FleetMessage.goodbye.encoded()])
    let deadline = clock.now + .seconds(5)
    while !outcome.hasEnded, clock.now < deadline {
      _ = try Poller.wait([.socket(compute)], timeout: .milliseconds(20))
      while try compute.receive() != nil {}
    }
  }

  private mutating func receiveAll() throws {
    while let message = try next(from: coordinator) { try handle(.fromCoordinator(message)) }
    while let socket = aggregator, let message = try next(from: socket) { try handle(.fromAggregator(message)) }
    while state.acceptsComputed, let frames = try compute.receive() {
      if frames.count == 1 {
        try handle(.fromCompute(FleetMessage(decoding: frames[0])))
      } else if frames.count == 2, case .array(let header) = try MessagePackValue(decoding: frames[0]),
        case .int(let batch) = header.first, case .string(let id) = header.last, let job = JobID(rawValue: id)
      {
        try handle(.computed(BatchID(rawValue: UInt64(batch)), job, frame: frames[1]))
      }
    }
  }

  private func next(from socket: Socket) throws -> FleetMessage? {
    while let frames = try socket.receive() {
      do {
        if frames.count == 1 { return try FleetMessage(decoding: frames[0]) }
        logger.warning("a message of \(frames.count) frames was ignored")
      } catch {
        logger.warning("a message was ignored: \(error)")
      }
    }
    return nil
  }

  private mutating func handle(_ event: WorkerState.Event) throws {
    for command in state.handle(event, at: clock.now) {
      switch command {
      case .sendCoordinator(let message): try coordinator.send([message.encoded()])
      case .sendAggregator(let frame): try aggregator?.send([frame])
      case .connectAggregator(let endpoint):
        aggregatorConnection = try ServerConnection(endpoint, context, key: key, logger: logger)
      case .sendCompute(let message): try compute.send([message.encoded()], waiting: true)
      case .log(let text): logger.info("\(text)")
      case .fail(let reason): failure = reason
      }
    }
  }
}

/// How the compute thread ended, for the I/O thread to see.
private final class ComputeOutcome: Sendable {
  private let result = Mutex<Result<Void, any Error>?>(nil)

  var hasEnded: Bool { result.withLock { $0 != nil } }

  var error: (any Error)? {
    result.withLock { if case .failure(let error)? = $0 { error } else { nil } }
  }

  func record(_ body: () throws -> Void) {
    let ended = Result { try body() }
    result.withLock { $0 = ended }
  }
}
