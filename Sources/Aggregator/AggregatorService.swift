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
  private var state: AggregatorState
  private var stores: [JobID: ResultStore] = [:]
  private var failure: String?
  /// Where workers send records, the port filled in.
  public let endpoint: String

  /// At most this much is taken in before a commit, so that commits stay quick.
  private static let commitBytes = 8 << 20

  /// - Parameters:
  ///   - endpoint: where workers send records, as `tcp://127.0.0.1:*` or `ipc:///path`.
  ///   - results: the directory that holds one directory per job.
  public init(
    context: MessagingContext, coordinator: String, bind endpoint: String, results: URL, name: String, logger: Logger
  ) throws {
    workers = try Socket(.router, context)
    self.endpoint = try workers.bind(endpoint)
    self.coordinator = try Socket(.dealer, context)
    try self.coordinator.connect(coordinator)
    self.results = results
    self.logger = logger
    state = AggregatorState(
      hello: Hello(role: .aggregator, instance: InstanceID(), name: name, endpoint: self.endpoint))
  }

  /// Runs until `stop` becomes readable; what is pending then is committed first.
  ///
  /// - Throws: `FleetError` when the coordinator refuses the aggregator.
  public mutating func run(until stop: Int32) throws {
    try coordinator.send([state.greeting.encoded()])
    while true {
      let ready = try Poller.wait([.socket(coordinator), .socket(workers), .file(stop)], timeout: .milliseconds(200))
      while let frames = try coordinator.receive() { try receive(fromCoordinator: frames) }
      while state.pendingBytes < Self.commitBytes, let frames = try workers.receive() {
        try receive(fromWorker: frames)
      }
      try handle(.tick)
      if let failure { throw FleetError(failure) }
      if ready[2] { break }
    }
    try coordinator.send([FleetMessage.goodbye.encoded()])
    for store in stores.values { try store.close() }
  }

  private mutating func receive(fromCoordinator frames: [[UInt8]]) throws {
    if let message = decode(frames, count: 1) { try handle(.fromCoordinator(message)) }
  }

  private mutating func receive(fromWorker frames: [[UInt8]]) throws {
    guard let message = decode(frames, count: 2) else { return }
    let peer = Peer(routingID: frames[0])
    if case .records(let batch) = message, let problem = problem(with: batch) {
      return try handle(.refusedBatch(batch, peer, reason: problem))
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
  private func problem(with batch: RecordBatch) -> String? {
    guard let store = stores[batch.job] else { return nil }
    do {
      for record in batch.records { try store.check(record) }
      return nil
    } catch {
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
      case .log(let text): logger.info("\(text)")
      case .fail(let reason): failure = reason
      }
    }
  }

  private mutating func open(_ payload: JobPayload) throws {
    do {
      let store = try stores[payload.job] ?? ResultStore(job: payload.makeJob(), results: results)
      stores[payload.job] = store
      try report(payload.job)
    } catch {
      try handle(.openedStore(OpenedJob(job: payload.job, problem: "\(error)"), fingerprint: .none, unitCount: 0))
    }
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

  private mutating func commit(_ batches: [AggregatorState.PendingBatch]) throws {
    var committed: [Committed] = []
    do {
      for (job, batches) in Dictionary(grouping: batches, by: \.batch.job) {
        guard let store = stores[job] else { continue }
        let commit = try store.commit(batches.map { (StoreWorker($0.worker), $0.batch.records) })
        for unit in commit.divergent {
          logger.error("unit \(unit) of \(job) arrived again and differs from the stored one")
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
