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
  private var refusals = RefusalLog()
  private var aggregatorConnection: ServerConnection?
  private var state: WorkerState
  private var failure: String?

  private let stepTimeout: Duration
  private var hasEnded = false

  /// - Parameters:
  ///   - key: shown to coordinator and aggregator; nil where they want none.
  ///   - grace: how long finished records may wait for their commit once the worker should stop.
  ///   - stepTimeout: how long one step of the computation may take; the model hangs where it takes longer.
  public init(
    context: MessagingContext, coordinator endpoint: String, key: KeyFile? = nil, hello: Hello, grace: Duration,
    stepTimeout: Duration, logger: Logger
  ) throws {
    self.context = context
    self.key = key
    self.stepTimeout = stepTimeout
    coordinatorConnection = try ServerConnection(endpoint, context, key: key, logger: logger)
    logger.info("waiting for the coordinator at \(endpoint)")
    // Never blocks towards the compute thread, which may itself be blocked on its full queue; what is sent there is
    // bounded by what it asked for.
    compute = try Socket(.pair, context, sendLimit: 0, receiveLimit: 1, lingerMilliseconds: 0)
    try compute.bind(ComputeLoop.endpoint)
    self.logger = logger
    state = WorkerState(hello: hello, grace: grace)
  }

  private var coordinator: Socket { coordinatorConnection.socket }
  private var aggregator: Socket? { aggregatorConnection?.socket }

  /// Runs until `stop` becomes readable.
  ///
  /// - Parameter loadModel: called on the compute thread, which the model then belongs to.
  /// - Throws: `FleetError` when the coordinator refuses the worker, or the compute thread fails or hangs.
  public mutating func run(until stop: Int32, loadModel: @escaping @Sendable () throws -> SonarModel?) throws {
    let progress = ComputeProgress()
    // Made here and used by the new thread alone: libzmq lets sockets move between threads across a full fence, which
    // starting a thread is.
    nonisolated(unsafe) let socket = try ComputeLoop.connect(context)
    let thread = Thread {
      progress.record { try ComputeLoop(socket: socket, model: loadModel(), progress: progress).run() }
    }
    thread.stackSize = 8 << 20
    thread.start()
    try coordinator.send([state.greeting.encoded()])
    while failure == nil, !hasEnded {
      try wait(stop)
      try coordinatorConnection.look()
      try aggregatorConnection?.look()
      // Seen before its last messages are taken, so that none is missed.
      let computeEnded = progress.hasEnded
      try receiveAll()
      if computeEnded { try handle(.computeEnded) }
      try handle(.tick)
      for line in refusals.lines(at: clock.now) { logger.warning("\(line)") }
      if let error = progress.error { throw FleetError("computing failed: \(error)") }
      if let seconds = progress.secondsInStep, seconds > stepTimeout.seconds {
        // No goodbye: like a worker that dies, so that the units it hangs on are found.
        throw FleetError("computing hangs: a step has taken \(Int(seconds)) s, --step-timeout allows \(stepTimeout)")
      }
    }
    if let failure { throw FleetError(failure) }
  }

  private mutating func wait(_ stop: Int32) throws {
    var sources: [Poller.Source] = [.socket(coordinator)]
    if let aggregator { sources.append(.socket(aggregator)) }
    if state.acceptsComputed { sources.append(.socket(compute)) }
    if !state.isEnding { sources.append(.file(stop)) }
    let ready = try Poller.wait(sources, timeout: .milliseconds(state.isEnding ? 10 : 100))
    if !state.isEnding, ready[sources.count - 1] { try handle(.stop) }
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

  private mutating func next(from socket: Socket) throws -> FleetMessage? {
    while let frames = try socket.receive() {
      do {
        if frames.count == 1 { return try FleetMessage(decoding: frames[0]) }
        refusals.add(.malformed, "it has \(frames.count) frames")
      } catch {
        refusals.add(.malformed, "\(error)")
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
      case .end: hasEnded = true
      }
    }
  }
}
