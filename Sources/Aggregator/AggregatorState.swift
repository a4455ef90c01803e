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
    case openedStore(OpenedJob, fingerprint: ModelFingerprint)
    /// Records of a batch that do not fit the job, found before it is queued.
    case refusedBatch(BatchID, Peer, reason: String)
    /// The pending batches are durable.
    case committedStore([Committed])
    /// They are not; they stay pending and are tried again.
    case storeFailed(String)
    case closedStore(JobID)
    case tick
  }

  public enum Command: Sendable {
    case sendCoordinator(FleetMessage)
    case sendWorker(FleetMessage, Peer)
    case openStore(JobPayload)
    case closeStore(JobID)
    /// Make these durable, then report `.committedStore` or `.storeFailed`.
    case commit([PendingBatch])
    case log(String)
  }

  public struct PendingBatch: Sendable {
    public let worker: Hello
    public let peer: Peer
    public let batch: RecordBatch
    let bytes: Int
  }

  private struct BatchKey: Hashable {
    let worker: InstanceID
    let batch: BatchID
  }

  /// What may be unacknowledged over all workers.
  static let totalCreditBytes = 64 << 20
  static let minimumCreditBytes = 1 << 20
  static let maximumCreditBytes = 16 << 20
  private static let retry = Duration.seconds(1)

  private struct WorkerEntry {
    let hello: Hello
    var lastSeen: MonotonicInstant
  }

  /// Workers that fell silent are forgotten, and their share of the credit goes to the others.
  private static let silence = Duration.seconds(60)

  private var workers: [Peer: WorkerEntry] = [:]
  private var jobs: [JobID: ModelFingerprint] = [:]
  /// Jobs that are complete: whatever still comes for them is committed already.
  private var closed: Set<JobID> = []
  private var pending: [PendingBatch] = []
  /// Of `pending`: a worker that waits long sends a batch again.
  private var pendingKeys: Set<BatchKey> = []
  private var retryAt: MonotonicInstant?

  public init() {}

  /// Whether a commit should be made now: something is pending and the store is not known to be stuck.
  private func isDue(at now: MonotonicInstant) -> Bool { !pending.isEmpty && retryAt.map { $0 <= now } ?? true }

  public mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Command] {
    switch event {
    case .fromCoordinator(let message): return receive(message)
    case .fromWorker(let message, let peer, let bytes):
      workers[peer]?.lastSeen = now
      return receive(message, from: peer, bytes: bytes, at: now)
    case .openedStore(let opened, let fingerprint):
      if opened.problem.isEmpty {
        jobs[opened.job] = fingerprint
        closed.remove(opened.job)
      }
      // Records that came before the store was open went unanswered; a hello brings them again.
      return [.sendCoordinator(.opened(opened))] + workers.keys.map { .sendWorker(.identify, $0) }
    case .refusedBatch(let batch, let peer, let reason):
      return [
        .log("refused a batch of \(workers[peer]?.hello.name ?? "a worker"): \(reason)"),
        .sendWorker(.acknowledge(Acknowledgement(committed: [], refused: [batch: reason], creditBytes: credit)), peer),
      ]
    case .committedStore(let committed): return committedStore(committed)
    case .storeFailed(let reason):
      retryAt = now + Self.retry
      return [
        .sendCoordinator(.storage(StorageState(problem: reason))), .log("cannot commit, trying again: \(reason)"),
      ]
    case .closedStore(let job):
      jobs[job] = nil
      closed.insert(job)
      return [.sendCoordinator(.closed(job))]
    case .tick:
      workers = workers.filter { now - $0.value.lastSeen < Self.silence }
      return isDue(at: now) ? [.commit(pending)] : []
    }
  }

  private mutating func receive(_ message: FleetMessage) -> [Command] {
    switch message {
    case .open(let payload): return [.openStore(payload)]
    case .close(let job): return [.closeStore(job)]
    default: return []
    }
  }

  private mutating func receive(
    _ message: FleetMessage, from peer: Peer, bytes: Int, at now: MonotonicInstant
  ) -> [Command] {
    switch message {
    case .hello(let hello):
      // A worker that reconnects says hello again; its old connection is of no use any more.
      workers = workers.filter { $0.value.hello.instance != hello.instance }
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
    if closed.contains(batch.job) {
      return [.sendWorker(.acknowledge(Acknowledgement(committed: [batch.batch], creditBytes: credit)), peer)]
    }
    guard let fingerprint = jobs[batch.job] else {
      // A store not yet opened again after a restart: unanswered, so the worker keeps the batch and sends it again.
      return []
    }
    guard batch.fingerprint == fingerprint else {
      let reason = "records of model \(batch.fingerprint), the job is for \(fingerprint)"
      return [
        .log("refused a batch of \(worker.name): \(reason)"),
        .sendWorker(
          .acknowledge(Acknowledgement(committed: [], refused: [batch.batch: reason], creditBytes: credit)), peer),
      ]
    }
    guard pendingKeys.insert(BatchKey(worker: worker.instance, batch: batch.batch)).inserted else { return [] }
    pending.append(PendingBatch(worker: worker, peer: peer, batch: batch, bytes: bytes))
    return []
  }

  private mutating func committedStore(_ committed: [Committed]) -> [Command] {
    var commands: [Command] = committed.map { .sendCoordinator(.committed($0)) }
    if retryAt != nil { commands.insert(.sendCoordinator(.storage(StorageState(problem: ""))), at: 0) }
    retryAt = nil
    for (peer, batches) in Dictionary(grouping: pending, by: \.peer) {
      let acknowledgement = Acknowledgement(committed: batches.map(\.batch.batch), creditBytes: credit)
      commands.append(.sendWorker(.acknowledge(acknowledgement), peer))
    }
    pending = []
    pendingKeys = []
    return commands
  }

  /// Each worker's share of the bytes that may be unacknowledged.
  private var credit: Int {
    min(Self.maximumCreditBytes, max(Self.minimumCreditBytes, Self.totalCreditBytes / max(workers.count, 1)))
  }

  /// How many bytes wait for a commit.
  public var pendingBytes: Int { pending.reduce(0) { $0 + $1.bytes } }
}
