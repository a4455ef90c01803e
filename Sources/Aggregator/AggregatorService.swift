import FleetProtocol
import FleetSecurity
import Foundation
import Logging
import Messaging
import ResultStore
import SonarModel
import SweepSpec

/// The aggregator's shell: a ROUTER for workers, a DEALER to the coordinator, and the stores, around `AggregatorState`.
///
/// Commits group by themselves: while one is being made durable, messages queue up, and all of them go into the next.
public struct AggregatorService {
  private let workers: Socket
  /// Nil where everyone who reaches the socket may talk.
  private let gate: Gate?
  private let connection: ServerConnection
  private let results: URL
  private let logger: Logger
  private let clock = MonotonicClock()
  private var refusals = RefusalLog()
  private var state: AggregatorState
  private var stores: [JobID: ResultStore] = [:]
  /// Jobs whose stores were found damaged and closed, until they are open again.
  private var damaged: [JobID: Job] = [:]
  private var failure: String?
  /// Names of workers, for the count of refused records.
  private var workerNames: [Peer: String] = [:]
  /// Where workers send records, the port filled in.
  public let endpoint: String

  /// At most this much is taken in before a commit, so that commits stay quick.
  private static let commitBytes = 8 << 20
  /// Messages taken in before the time is looked at again, so that nobody can hold up the others by talking.
  private static let messagesPerTurn = 1000
  private static let namesKept = 10_000

  /// - Parameters:
  ///   - endpoint: where workers send records, as `tcp://127.0.0.1:*` or `ipc:///path`.
  ///   - advertised: what workers are told to connect to, where they cannot reach it as it is bound. Port `*` is the
  ///     port bound to.
  ///   - keys: who may connect, and this process's own key to the coordinator; nil for sockets that only this machine
  ///     reaches.
  ///   - results: the directory that holds one directory per job.
  public init(
    context: MessagingContext, coordinator: String, bind endpoint: String, advertised: String? = nil,
    keys: KeyDirectory? = nil, results: URL, name: String, logger: Logger
  ) throws {
    let workers = try Socket(.router, context)
    self.workers = workers
    gate = try keys.map { try Gate(workers, context, keys: $0, roles: [.worker], logger: logger) }
    let bound = try workers.bind(endpoint)
    self.endpoint = Self.announced(bound, advertised)
    connection = try ServerConnection(coordinator, context, key: keys?.server(), logger: logger)
    self.results = results
    self.logger = logger
    state = AggregatorState(
      hello: Hello(role: .aggregator, instance: InstanceID(), name: name, endpoint: self.endpoint))
  }

  private var coordinator: Socket { connection.socket }

  private static func announced(_ bound: String, _ advertised: String?) -> String {
    guard let advertised else { return bound }
    guard advertised.hasSuffix(":*"), let colon = bound.lastIndex(of: ":") else { return advertised }
    return "\(advertised.dropLast(2))\(bound[colon...])"
  }

  /// Runs until `stop` becomes readable; what is pending then is committed first.
  ///
  /// - Throws: `FleetError` when the coordinator refuses the aggregator.
  public mutating func run(until stop: Int32) throws {
    try coordinator.send([state.greeting.encoded()])
    while true {
      // While nothing more is taken in from workers, they are not waited for either.
      let mayReceive = state.pendingBytes < Self.commitBytes
      let sources: [Poller.Source] =
        [.socket(coordinator), .file(stop)] + (mayReceive ? [.socket(workers)] : []) + (gate?.sources ?? [])
      let ready = try Poller.wait(sources, timeout: .milliseconds(200))
      try gate?.serve()
      try connection.look()
      while let frames = try coordinator.receive() { try receive(fromCoordinator: frames) }
      for _ in 0..<Self.messagesPerTurn where state.pendingBytes < Self.commitBytes {
        guard let message = try workers.receiveMessage() else { break }
        try receive(fromWorker: message)
      }
      try handle(.tick)
      for line in refusals.lines(at: clock.now) { logger.warning("\(line)") }
      if let failure { throw FleetError(failure) }
      if ready[1] { break }
    }
    try coordinator.send([FleetMessage.goodbye.encoded()])
    for store in stores.values { try store.close() }
  }

  private mutating func receive(fromCoordinator frames: [[UInt8]]) throws {
    if let message = decode(frames, count: 1) { try handle(.fromCoordinator(message)) }
  }

  private mutating func receive(fromWorker received: ReceivedMessage) throws {
    let frames = received.frames
    guard let message = decode(frames, count: 2) else { return }
    let peer = Peer(routingID: frames[0])
    if let refusal = gate?.refusal(of: message, from: received.userID) {
      try workers.send([peer.routingID, refusal.encoded()])
      return
    }
    if case .hello(let hello) = message {
      if workerNames.count >= Self.namesKept { workerNames = [:] }
      workerNames[peer] = hello.name
    }
    // Unanswered, so that the worker keeps them: they cannot be checked now.
    if case .records(let batch) = message, damaged[batch.job] != nil { return }
    if case .records(let batch) = message, let problem = problem(with: batch, from: peer) {
      return try handle(.refusedBatch(batch, peer, reason: problem))
    }
    try handle(.fromWorker(message, peer, bytes: frames[1].count))
  }

  private mutating func decode(_ frames: [[UInt8]], count: Int) -> FleetMessage? {
    guard frames.count == count, let frame = frames.last else { return nil }
    do {
      return try FleetMessage(decoding: frame)
    } catch {
      refusals.add(.malformed, "\(error)")
      return nil
    }
  }

  /// Why a batch does not fit its job; nil where it does or the job is not known.
  private func problem(with batch: RecordBatch, from peer: Peer) -> String? {
    guard let store = stores[batch.job] else { return nil }
    do {
      try store.check(batch.fingerprint)
      for record in batch.records { try store.check(record) }
      return nil
    } catch {
      if let error = error as? StoreError {
        store.refuse(batch.records.count, from: workerNames[peer] ?? "a stranger", error)
      }
      return "\(error)"
    }
  }

  private mutating func handle(_ event: AggregatorState.Event) throws {
    for command in state.handle(event, at: clock.now) {
      switch command {
      case .sendCoordinator(let message): try coordinator.send([message.encoded()])
      case .sendWorker(let message, let peer): try workers.send([peer.routingID, message.encoded()])
      case .openStore(let payload): try open(payload)
      case .closeStore(let job): try close(job)
      case .reportStore(let job): try report(job)
      case .commit(let batches): try commit(batches)
      case .measure:
        try handle(.measured(DiskSpace(of: results), refused: (refusals.counts + (gate?.refused ?? .init())).byReason))
      case .log(let text): logger.info("\(text)")
      case .fail(let reason): failure = reason
      }
    }
  }

  private mutating func open(_ payload: JobPayload) throws {
    do {
      try open(stores[payload.job]?.job ?? payload.makeJob())
    } catch let error as StoreError where error.isStorageProblem {
      // The coordinator asks again.
      try handle(.storeFailed("\(error)"))
    } catch {
      try handle(.openedStore(OpenedJob(job: payload.job, problem: "\(error)"), fingerprint: .none, unitCount: 0))
    }
  }

  private mutating func open(_ job: Job) throws {
    if stores[job.id] == nil {
      let store = try ResultStore(job: job, results: results)
      for repair in store.repairs { logger.warning("\(job.id): \(repair)") }
      stores[job.id] = store
      damaged[job.id] = nil
    }
    try report(job.id)
  }

  private mutating func report(_ job: JobID) throws {
    guard let store = stores[job] else { return }
    let opened = OpenedJob(job: job, committed: store.committed.ranges, counts: store.counts)
    try handle(
      .openedStore(opened, fingerprint: store.job.spec.model.fingerprint, unitCount: store.job.sweep.unitCount))
  }

  private mutating func close(_ job: JobID) throws {
    do {
      try stores[job]?.finish()
      try stores[job]?.close()
      stores[job] = nil
      try handle(.closedStore(job))
    } catch {
      try handle(.storeFailed("\(error)"))
    }
  }

  private mutating func openStore(of job: JobID) throws -> ResultStore? {
    if let damaged = damaged[job] { try open(damaged) }
    return stores[job]
  }

  private mutating func commit(_ batches: [AggregatorState.PendingBatch]) throws {
    var committed: [Committed] = []
    do {
      for (job, batches) in Dictionary(grouping: batches, by: \.batch.job) {
        // Nil where the job is complete and closed: all its units are committed.
        guard let store = try openStore(of: job) else { continue }
        do {
          let commit = try store.commit(batches.map { (StoreWorker($0.worker), $0.batch.records) })
          for unit in commit.divergent {
            logger.error("unit \(unit) of \(job) arrived again and differs from the stored one")
          }
        } catch let error as StoreError where error.code == .damaged {
          // Opening it anew repairs it, at the next try; the coordinator then learns what is left.
          try? store.close()
          stores[job] = nil
          damaged[job] = store.job
          throw error
        }
        let units = UnitSet(batches.flatMap(\.batch.records).map { $0.unit..<$0.unit + 1 })
        committed.append(Committed(job: job, units: units.ranges, counts: store.counts))
      }
      try handle(.committedStore(committed))
    } catch {
      try handle(.storeFailed("\(error)"))
    }
  }
}

extension StoreWorker {
  fileprivate init(_ hello: Hello) { self.init(instance: hello.instance.rawValue, name: hello.name) }
}
