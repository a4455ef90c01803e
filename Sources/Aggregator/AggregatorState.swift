import FleetProtocol
import SonarModel
import SweepSpec

/// The aggregator's decisions: which batches to commit when, whom to acknowledge, how much credit to give. It does no
/// I/O: a commit is a command, its outcome an event.
public struct AggregatorState {
  public enum Event: Sendable {
    case fromCoordinator(FleetMessage)
    /// A frame of `bytes` bytes from a worker.
    case fromWorker(FleetMessage, Peer, bytes: Int)
    case openedStore(OpenedJob, fingerprint: ModelFingerprint, unitCount: UInt64)
    /// Records of a batch that do not fit the job, found before it is queued.
    case refusedBatch(RecordBatch, Peer, reason: String)
    /// The pending batches are durable.
    case committedStore([Committed])
    /// They are not; they stay pending and are tried again.
    case storeFailed(String)
    /// It is not open any more; whether all its units are committed.
    case closedStore(JobID, isComplete: Bool)
    /// What `.measure` asked for.
    case measured(DiskSpace, refused: [String: UInt64])
    case tick
  }

  public enum Command: Sendable {
    case sendCoordinator(FleetMessage)
    case sendWorker(FleetMessage, Peer)
    case openStore(JobPayload)
    /// Finish the store where it is complete, and close it.
    case closeStore(JobID)
    /// Put failures back, then report what the store holds.
    case retryFailures(RetryOrder)
    /// Report what an open store holds by `.openedStore`; nothing where it is not open.
    case reportStore(JobID)
    /// Make these durable, then report `.committedStore` or `.storeFailed`.
    case commit([PendingBatch])
    /// Report by `.measured` how full the disk is, and what was refused so far.
    case measure
    case log(String)
    /// The coordinator has no use for this aggregator.
    case fail(String)
  }

  public struct PendingBatch: Sendable {
    public let worker: Hello
    /// Who waits for an answer; nil for records that the coordinator ordered.
    let peer: Peer?
    public let batch: RecordBatch
    let bytes: Int
  }

  private struct OpenJob {
    let fingerprint: ModelFingerprint
    let unitCount: UInt64
    /// The last order to put failures back that was carried out.
    var retried: UInt64
  }

  private struct BatchKey: Hashable {
    let worker: InstanceID
    let job: JobID
    let batch: BatchID
  }

  /// What may be unacknowledged over all workers.
  static let totalCreditBytes = 64 << 20
  static let minimumCreditBytes = 1 << 20
  static let maximumCreditBytes = 16 << 20
  private static let retry = Duration.seconds(1)
  private static let heartbeat = Duration.seconds(1)
  /// Longer than a coordinator takes to notice that a former aggregator is gone.
  private static let refusalPatience = Duration.seconds(15)
  private static let maximumWorkers = 1 << 16
  private static let problemKept = Duration.seconds(5)
  private static let closedKept = 10_000

  private struct WorkerEntry {
    let hello: Hello
    var lastSeen: MonotonicInstant
  }

  /// Workers that fell silent are forgotten, and their share of the credit goes to the others.
  private static let silence = Duration.seconds(60)

  private let hello: Hello
  private var lastHeartbeat: MonotonicInstant?
  /// Since when the coordinator has refused this aggregator: it may still believe in one that died.
  private var refusedSince: MonotonicInstant?
  private var workers: [Peer: WorkerEntry] = [:]
  private var jobs: [JobID: OpenJob] = [:]
  /// Jobs whose stores were closed, and whether they are complete: then whatever still comes for them is committed
  /// already, else it is refused.
  private var closed: [JobID: Bool] = [:]
  private var closedOrder: [JobID] = []
  /// Stores to be closed once what is pending is committed.
  private var closing: Set<JobID> = []
  private var pending: [PendingBatch] = []
  /// Of `pending`: a worker that waits long sends a batch again.
  private var pendingKeys: Set<BatchKey> = []
  private var retryAt: MonotonicInstant?
  private var meter = CommitMeter()
  /// Why nothing could be written; empty when it could.
  private var problem = ""

  /// - Parameter hello: how this aggregator introduces itself to the coordinator.
  public init(hello: Hello) { self.hello = hello }

  /// What to send on starting.
  public var greeting: FleetMessage { .hello(hello) }

  /// Whether a commit should be made now: something is pending and the store is not known to be stuck.
  private func isDue(at now: MonotonicInstant) -> Bool { !pending.isEmpty && retryAt.map { $0 <= now } ?? true }

  public mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Command] {
    switch event {
    case .fromCoordinator(let message): return receiveFromCoordinator(message, at: now)
    case .fromWorker(let message, let peer, let bytes):
      workers[peer]?.lastSeen = now
      return receive(message, from: peer, bytes: bytes, at: now)
    case .openedStore(let opened, let fingerprint, let unitCount):
      guard opened.problem.isEmpty else { return [.sendCoordinator(.opened(opened))] }
      var opened = opened
      let isNew = jobs[opened.job] == nil
      if opened.retried == 0 { opened.retried = jobs[opened.job]?.retried ?? 0 }
      jobs[opened.job] = OpenJob(fingerprint: fingerprint, unitCount: unitCount, retried: opened.retried)
      setClosed(opened.job, nil)
      // Records that came before the store was open went unanswered; a hello brings them again.
      let identify: [Command] = isNew ? peers.map { .sendWorker(.identify, $0) } : []
      return recover() + [.sendCoordinator(.opened(opened))] + identify
    case .refusedBatch(let batch, let peer, let reason): return refuse(batch, peer, reason)
    case .committedStore(let committed):
      meter.end(at: now)
      return committedStore(committed)
    case .storeFailed(let reason):
      retryAt = now + Self.retry
      problem = reason
      return [
        .sendCoordinator(.storage(StorageState(problem: reason))), .log("cannot write, trying again: \(reason)"),
      ]
    case .closedStore(let job, let isComplete):
      jobs[job] = nil
      closing.remove(job)
      setClosed(job, isComplete)
      return recover() + [.sendCoordinator(.closed(ClosedJob(job: job, isComplete: isComplete)))]
    case .measured(let disk, let refused):
      return [.sendCoordinator(.measured(meter.take(disk, pendingBytes: pendingBytes, refused: refused)))]
    case .tick:
      workers = workers.filter { now - $0.value.lastSeen < Self.silence }
      return forgetOldProblem(at: now) + commitIfDue(at: now) + beat(at: now)
    }
  }

  private mutating func setClosed(_ job: JobID, _ isComplete: Bool?) {
    if closed.removeValue(forKey: job) != nil { closedOrder.removeAll { $0 == job } }
    guard let isComplete else { return }
    closed[job] = isComplete
    closedOrder.append(job)
    if closedOrder.count > Self.closedKept { closed[closedOrder.removeFirst()] = nil }
  }

  private mutating func close(_ job: JobID) -> [Command] {
    guard jobs[job] != nil else {
      return [.sendCoordinator(.closed(ClosedJob(job: job, isComplete: closed[job] ?? false)))]
    }
    // What is pending comes first: nobody would send it again.
    if pending.contains(where: { $0.batch.job == job }) {
      closing.insert(job)
      return []
    }
    return [.closeStore(job)]
  }

  private func retryFailures(_ order: RetryOrder) -> [Command] {
    guard let job = jobs[order.job] else {
      return [.sendCoordinator(.closed(ClosedJob(job: order.job, isComplete: closed[order.job] ?? false)))]
    }
    return job.retried == order.number ? [.reportStore(order.job)] : [.retryFailures(order)]
  }

  private mutating func commitIfDue(at now: MonotonicInstant) -> [Command] {
    guard isDue(at: now) else { return [] }
    meter.start(pendingBytes: pendingBytes, at: now)
    return [.commit(pending)]
  }

  private mutating func receiveFromCoordinator(_ message: FleetMessage, at now: MonotonicInstant) -> [Command] {
    if case .refused(let reason) = message {
      let since = refusedSince ?? now
      refusedSince = since
      let text = "the coordinator refused this aggregator: \(reason)"
      return [now - since < Self.refusalPatience ? .log(text) : .fail(text)]
    }
    refusedSince = nil
    switch message {
    case .identify:
      // A coordinator that does not know this aggregator may need none of the stores that are open.
      return [.sendCoordinator(greeting)] + jobs.keys.sorted { $0.rawValue < $1.rawValue }.map { .reportStore($0) }
    case .open(let payload):
      closing.remove(payload.job)
      return [.openStore(payload)]
    case .statusRequest(let job): return [.reportStore(job)]
    case .quarantine(let quarantine): return take(quarantine)
    case .close(let job): return close(job)
    case .retry(let order): return retryFailures(order)
    default: return []
    }
  }

  private mutating func beat(at now: MonotonicInstant) -> [Command] {
    if let last = lastHeartbeat, now - last < Self.heartbeat { return [] }
    lastHeartbeat = now
    if refusedSince != nil { return [.sendCoordinator(greeting)] }
    // A heartbeat says that all is well; both are repeated, so that neither is missed for long.
    return [
      .sendCoordinator(problem.isEmpty ? .heartbeat(Heartbeat()) : .storage(StorageState(problem: problem))), .measure,
    ]
  }

  /// Failed records for units that the coordinator gives up; the same order may come twice.
  private mutating func take(_ quarantine: Quarantine) -> [Command] {
    guard let job = jobs[quarantine.job] else { return [] }
    for unit in UnitSet(quarantine.units).ranges.joined().prefix(Self.quarantineKept) where unit < job.unitCount {
      let error = UnitError(code: UnitError.quarantined, message: quarantine.reason)
      let record = Record(unit: unit, outcome: .failed(error), attempt: quarantine.attempt, seconds: 0)
      queue(
        RecordBatch(
          batch: BatchID(rawValue: unit), job: quarantine.job, fingerprint: job.fingerprint, records: [record]),
        from: hello, nil, bytes: 100)
    }
    return []
  }

  private static let quarantineKept = 1024

  private mutating func queue(_ batch: RecordBatch, from worker: Hello, _ peer: Peer?, bytes: Int) {
    guard pendingKeys.insert(BatchKey(worker: worker.instance, job: batch.job, batch: batch.batch)).inserted else {
      return
    }
    pending.append(PendingBatch(worker: worker, peer: peer, batch: batch, bytes: bytes))
    pendingBytes += bytes
  }

  /// Tells the worker to drop the batch, and the coordinator that its units are still to be done.
  private func refuse(_ batch: RecordBatch, _ peer: Peer, _ reason: String) -> [Command] {
    guard let worker = workers[peer]?.hello else { return [.sendWorker(.identify, peer)] }
    let units = UnitSet(batch.records.map(\.unit).filter { $0 < .max }.map { $0..<$0 + 1 })
    return [
      .log("refused a batch of \(worker.name): \(reason)"),
      .sendWorker(
        .acknowledge(Acknowledgement(committed: [], refused: [batch.batch: reason], creditBytes: credit)), peer),
      .sendCoordinator(.discarded(Discarded(job: batch.job, units: units.ranges, worker: worker.instance))),
    ]
  }

  private mutating func receive(
    _ message: FleetMessage, from peer: Peer, bytes: Int, at now: MonotonicInstant
  ) -> [Command] {
    switch message {
    case .hello(let hello):
      // A worker that reconnects says hello again; its old connection is of no use any more.
      workers = workers.filter { $0.value.hello.instance != hello.instance }
      guard workers.count < Self.maximumWorkers else { return [.log("a worker was ignored: there are too many")] }
      workers[peer] = WorkerEntry(hello: hello, lastSeen: now)
      return [.sendWorker(.acknowledge(Acknowledgement(committed: [], creditBytes: credit)), peer)]
    case .goodbye:
      workers[peer] = nil
      return []
    case .records(let batch):
      guard let worker = workers[peer]?.hello else { return [.sendWorker(.identify, peer)] }
      return receive(batch, from: worker, peer, bytes: bytes)
    default:
      return workers[peer] == nil ? [.sendWorker(.identify, peer)] : []
    }
  }

  private mutating func receive(_ batch: RecordBatch, from worker: Hello, _ peer: Peer, bytes: Int) -> [Command] {
    if let isComplete = closed[batch.job] {
      // Of a store that was closed before its end, the coordinator knows that the units are not committed.
      let answer = Acknowledgement(
        committed: isComplete ? [batch.batch] : [], refused: isComplete ? [:] : [batch.batch: "the job was stopped"],
        creditBytes: credit)
      return [.sendWorker(.acknowledge(answer), peer)]
    }
    guard let fingerprint = jobs[batch.job]?.fingerprint else {
      // A store not yet opened again after a restart: unanswered, so the worker keeps the batch and sends it again.
      return []
    }
    guard batch.fingerprint == fingerprint else {
      return refuse(batch, peer, "records of model \(batch.fingerprint), the job is for \(fingerprint)")
    }
    queue(batch, from: worker, peer, bytes: bytes)
    return []
  }

  private mutating func committedStore(_ committed: [Committed]) -> [Command] {
    var commands: [Command] = committed.map { .sendCoordinator(.committed($0)) }
    let answers = Dictionary(grouping: pending.filter { $0.peer != nil }, by: \.peer)
    for case (let peer?, let batches) in answers.sorted(by: { Self.isOrdered($0.key, $1.key) }) {
      let acknowledgement = Acknowledgement(committed: batches.map(\.batch.batch), creditBytes: credit)
      commands.append(.sendWorker(.acknowledge(acknowledgement), peer))
    }
    pending = []
    pendingKeys = []
    pendingBytes = 0
    return recover() + commands + closing.sorted { $0.rawValue < $1.rawValue }.map { .closeStore($0) }
  }

  /// Something could be written again. While batches still wait, only their commit shows whether they can be.
  private mutating func recover() -> [Command] {
    guard retryAt != nil, pending.isEmpty else { return [] }
    retryAt = nil
    problem = ""
    return [.sendCoordinator(.storage(StorageState(problem: "")))]
  }

  /// A store that could not be opened or closed is tried again by the coordinator; where that ended, so has the problem.
  private mutating func forgetOldProblem(at now: MonotonicInstant) -> [Command] {
    retryAt.map { now - $0 > Self.problemKept } == true ? recover() : []
  }

  /// In an order that does not depend on hashing, so that the same events always have the same outcome.
  private var peers: [Peer] { workers.keys.sorted(by: Self.isOrdered) }

  private static func isOrdered(_ a: Peer?, _ b: Peer?) -> Bool {
    (a?.routingID ?? []).lexicographicallyPrecedes(b?.routingID ?? [])
  }

  /// Each worker's share of the bytes that may be unacknowledged.
  private var credit: Int {
    min(Self.maximumCreditBytes, max(Self.minimumCreditBytes, Self.totalCreditBytes / max(workers.count, 1)))
  }

  /// How many bytes wait for a commit.
  public private(set) var pendingBytes = 0
}
