import FleetProtocol
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
  private let coordinator: Socket
  private let results: URL
  private let logger: Logger
  private let clock = MonotonicClock()
  private let hello: Hello
  private var state = AggregatorState()
  private var stores: [JobID: ResultStore] = [:]
  /// Names of workers, for the count of refused records.
  private var workerNames: [Peer: String] = [:]
  /// Whether a store could not be opened or closed, which the coordinator was told and asks for again.
  private var isStoreInTrouble = false
  private var lastHeartbeat: MonotonicInstant
  /// Since when the coordinator has refused this aggregator: it may still believe in one that died.
  private var refusedSince: MonotonicInstant?

  /// At most this much is taken in before a commit, so that commits stay quick.
  private static let commitBytes = 8 << 20
  private static let heartbeat = Duration.seconds(1)
  private static let namesKept = 10_000
  /// Longer than a coordinator takes to notice that the former aggregator is gone.
  private static let refusalPatience = Duration.seconds(15)

  /// - Parameters:
  ///   - endpoint: where workers send records, as `tcp://127.0.0.1:*` or `ipc:///path`.
  ///   - results: the directory that holds one directory per job.
  public init(
    context: MessagingContext, coordinator: String, bind endpoint: String, results: URL, name: String, logger: Logger
  ) throws {
    workers = try Socket(.router, context)
    let bound = try workers.bind(endpoint)
    self.coordinator = try Socket(.dealer, context)
    try self.coordinator.connect(coordinator)
    self.results = results
    self.logger = logger
    hello = Hello(role: .aggregator, instance: InstanceID(), name: name, endpoint: bound)
    lastHeartbeat = clock.now
  }

  public var endpoint: String { hello.endpoint }

  /// Runs until `stop` becomes readable; what is pending then is committed first.
  public mutating func run(until stop: Int32) throws {
    try coordinator.send([FleetMessage.hello(hello).encoded()])
    while true {
      let ready = try Poller.wait([.socket(coordinator), .socket(workers), .file(stop)], timeout: .milliseconds(200))
      while let frames = try coordinator.receive() { try receive(fromCoordinator: frames) }
      while state.pendingBytes < Self.commitBytes, let frames = try workers.receive() {
        try receive(fromWorker: frames)
      }
      try handle(.tick)
      if ready[2] { break }
      if clock.now - lastHeartbeat >= Self.heartbeat {
        lastHeartbeat = clock.now
        let message = refusedSince == nil ? FleetMessage.heartbeat(Heartbeat()) : .hello(hello)
        try coordinator.send([message.encoded()])
      }
    }
    try coordinator.send([FleetMessage.goodbye.encoded()])
    for store in stores.values { try store.close() }
  }

  private mutating func receive(fromCoordinator frames: [[UInt8]]) throws {
    guard let message = decode(frames, count: 1) else { return }
    switch message {
    case .identify: try coordinator.send([FleetMessage.hello(hello).encoded()])
    case .refused(let reason):
      let since = refusedSince ?? clock.now
      refusedSince = since
      logger.warning("the coordinator refused this aggregator: \(reason)")
      guard clock.now - since < Self.refusalPatience else {
        throw FleetError("the coordinator refused this aggregator: \(reason)")
      }
    default:
      refusedSince = nil
      try handle(.fromCoordinator(message))
    }
  }

  private mutating func receive(fromWorker frames: [[UInt8]]) throws {
    guard let message = decode(frames, count: 2) else { return }
    let peer = Peer(routingID: frames[0])
    if case .hello(let hello) = message {
      if workerNames.count >= Self.namesKept { workerNames = [:] }
      workerNames[peer] = hello.name
    }
    if case .records(let batch) = message, let problem = problem(with: batch, from: peer) {
      return try handle(.refusedBatch(batch.batch, peer, reason: problem))
    }
    try handle(.fromWorker(message, peer, bytes: frames[1].count))
  }

  private func decode(_ frames: [[UInt8]], count: Int) -> FleetMessage? {
    guard frames.count == count, let frame = frames.last else { return nil }
    do {
      return try FleetMessage(decoding: frame)
    } catch {
      logger.warning("a message was ignored: \(error)")
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
      case .commit(let batches): try commit(batches)
      case .log(let text): logger.info("\(text)")
      }
    }
  }

  private mutating func open(_ payload: JobPayload) throws {
    do {
      try open(stores[payload.job]?.job ?? payload.makeJob())
      try endTrouble()
    } catch let error as StoreError where error.isStorageProblem {
      isStoreInTrouble = true
      try handle(.storeFailed("\(error)"))
    } catch {
      try handle(.openedStore(OpenedJob(job: payload.job, problem: "\(error)"), fingerprint: .none))
    }
  }

  private mutating func open(_ job: Job) throws {
    let known = stores[job.id]
    let store = try known ?? ResultStore(job: job, results: results)
    if known == nil { for repair in store.repairs { logger.warning("\(job.id): \(repair)") } }
    stores[job.id] = store
    let opened = OpenedJob(job: job.id, committed: store.committed.ranges, counts: store.counts)
    try handle(.openedStore(opened, fingerprint: job.spec.model.fingerprint))
  }

  private mutating func close(_ job: JobID) throws {
    do {
      try stores[job]?.finish()
      try stores[job]?.close()
      stores[job] = nil
      try endTrouble()
      try handle(.closedStore(job))
    } catch {
      isStoreInTrouble = true
      try handle(.storeFailed("\(error)"))
    }
  }

  /// Takes back a report of trouble that no commit will take back, as there is nothing to commit.
  private mutating func endTrouble() throws {
    guard isStoreInTrouble, state.pendingBytes == 0 else { return }
    isStoreInTrouble = false
    try handle(.committedStore([]))
  }

  private mutating func commit(_ batches: [AggregatorState.PendingBatch]) throws {
    var committed: [Committed] = []
    do {
      for (job, batches) in Dictionary(grouping: batches, by: \.batch.job) {
        guard let store = stores[job] else { continue }
        do {
          let commit = try store.commit(batches.map { (StoreWorker($0.worker), $0.batch.records) })
          for unit in commit.divergent {
            logger.error("unit \(unit) of \(job) arrived again and differs from the stored one")
          }
          committed.append(Committed(job: job, units: commit.units.ranges, counts: store.counts))
        } catch let error as StoreError where error.code == .damaged {
          // Opening it anew repairs it; the coordinator learns what is left.
          try? store.close()
          stores[job] = nil
          try open(store.job)
          throw error
        }
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
