import FleetProtocol
import Foundation
import SonarModel
import SweepSpec

/// The coordinator's decisions: jobs, leases, and who is there. Messages and the time go in, messages come out; it does
/// no I/O and has no clock.
///
/// This file is who is there; `CoordinatorState+Jobs` is what becomes of a job, `+Places` whose turn it is, `+Stores` whose
/// stores are open, `+Leases` who gets which units, `+Requests` what people ask for, `+View` what they see.
public struct CoordinatorState {
  public enum Event: Sendable {
    case received(FleetMessage, from: Peer)
    /// A job that a client submitted and that was found to be well-formed; whose key that was, empty without keys.
    case submitted(Job, owner: String = "", from: Peer)
    /// A job from the journal of a coordinator that ended.
    case restored(JobRecord)
    /// A job that ended under such a coordinator; the oldest first.
    case remembered(JobView)
    case tick
  }

  public enum Command: Sendable {
    case send(FleetMessage, to: Peer)
    /// Check the payload and come back with `.submitted`, or reject it.
    case build(JobPayload, from: Peer)
    /// Make this durable in the journal before anything else of the same answer is done.
    case journal(JobRecord)
    /// The job has ended: take it out of the journal, which keeps how it ended.
    case journalEnd(JobView)
    case log(String)
  }

  let settings: CoordinatorSettings
  var workers: [InstanceID: WorkerEntry] = [:]
  var instances: [Peer: InstanceID] = [:]
  var aggregator: AggregatorEntry?
  var jobs: [JobID: JobEntry] = [:]
  /// Jobs that have not ended, in the order of submission.
  var queue: [JobID] = []
  /// Of them those whose stores are open, or are being opened or closed: only they have leases.
  var open: [JobID] = []
  /// Stores of ended jobs that the aggregator is asked to close, with the time it was last asked.
  var closing: [JobID: MonotonicInstant] = [:]
  var ended = EndedJobs()
  var throughput = ThroughputHistory()
  var askers = AskerQueue()
  var nextLease: UInt64
  /// How many workers hold each model.
  var models: [ModelFingerprint: Int] = [:]
  /// For each model, the virtual time of the job its workers served last.
  var clocks: [ModelFingerprint: Double] = [:]
  var draining: Set<InstanceID> = []
  /// The wall clock's time at the monotonic clock's zero; set anew when the wall clock is.
  var epoch = Date(timeIntervalSince1970: 0)
  var metrics = FleetMetrics()
  private var lastTick: MonotonicInstant?

  public init(settings: CoordinatorSettings = .init()) {
    self.settings = settings
    nextLease = settings.firstLease
  }

  public mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Command] {
    switch event {
    case .received(let message, let peer): receive(message, from: peer, at: now)
    case .submitted(let job, let owner, let peer): submit(job, owner: owner, from: peer, at: now)
    case .restored(let record): jobs[record.job.id] == nil ? enqueue(record, at: now) : []
    case .remembered(let view): remember(view)
    case .tick: tick(at: now)
    }
  }

  private mutating func receive(_ message: FleetMessage, from peer: Peer, at now: MonotonicInstant) -> [Command] {
    switch message {
    case .hello(let hello): return join(hello, peer, at: now)
    case .submit(let payload): return [.build(payload, from: peer)]
    case .statusRequest(let job): return [status(of: job, to: peer, at: now)]
    default: break
    }
    if aggregator?.peer == peer { return receiveFromAggregator(message, at: now) }
    guard let worker = instances[peer], workers[worker] != nil else { return [.send(.identify, to: peer)] }
    switch message {
    case .heartbeat(let heartbeat):
      workers[worker]?.lastSeen = now
      return renew(heartbeat.leases, of: worker, at: now) + want(heartbeat.wanted, worker, at: now)
    case .request(let leases):
      return want((workers[worker]?.wanted ?? 0) + leases, worker, at: now)
    case .computed(let computed):
      metrics.observe(computed)
      take(computed, from: worker, at: now)
      return []
    case .goodbye:
      return leave(worker, "said goodbye", .returned) + grantAll(at: now)
    default:
      return [.log("a worker sent a message it must not send; ignored")]
    }
  }

  private mutating func tick(at now: MonotonicInstant) -> [Command] {
    // Time in which this process itself did nothing is not held against others.
    if let lastTick, now - lastTick > settings.lease / 2 { forgive(now - lastTick, at: now) }
    lastTick = now
    throughput.tick(at: now)
    return expire(at: now) + leaveOpenJobs(at: now) + openJobs(at: now) + remind(at: now) + grantAll(at: now)
      + lendTails(at: now) + dismissDrained(at: now)
  }

  private mutating func forgive(_ gap: Duration, at now: MonotonicInstant) {
    for (id, worker) in workers { workers[id]?.lastSeen = min(worker.lastSeen + gap, now) }
    for job in open { jobs[job]?.table?.postpone(by: gap, atMost: now + settings.lease) }
  }

  // MARK: Workers

  private mutating func join(_ hello: Hello, _ peer: Peer, at now: MonotonicInstant) -> [Command] {
    switch hello.role {
    case .client: return []
    case .aggregator: return joinAggregator(hello, peer, at: now)
    case .worker: break
    }
    if let reason = refusal(of: hello) {
      return [.log("refused worker \(hello.name): \(reason)"), .send(.refused(reason: reason), to: peer)]
    }
    // A connection belongs to one process.
    var commands: [Command] = []
    if let former = instances[peer], former != hello.instance {
      commands = leave(former, "gave its connection to \(hello.name)", .returned)
    }
    if let known = workers[hello.instance] {
      // The same process over a new connection: it keeps its leases, and the job is sent again with the next one.
      instances[known.peer] = nil
      workers[hello.instance]?.peer = peer
      workers[hello.instance]?.lastSeen = now
      workers[hello.instance]?.jobs = []
      workers[hello.instance]?.wanted = 0
      askers.remove(hello.instance)
      instances[peer] = hello.instance
      return commands + [.send(welcome, to: peer)]
    }
    workers[hello.instance] = WorkerEntry(peer: peer, hello: hello, at: now)
    instances[peer] = hello.instance
    models[hello.fingerprint, default: 0] += 1
    return commands + [.log("worker \(hello.name) joined with model \(hello.model)"), .send(welcome, to: peer)]
  }

  var welcome: FleetMessage {
    .welcome(Welcome(heartbeatSeconds: settings.heartbeat.seconds, aggregator: aggregator?.hello.endpoint ?? ""))
  }

  /// Why there is no room for a worker; nil where there is. One whose model no job needs may wait for a job that does.
  private func refusal(of hello: Hello) -> String? {
    guard workers[hello.instance] == nil, workers.count >= settings.maximumWorkers else { return nil }
    return "there are \(workers.count) workers already, the most this coordinator takes"
  }

  static func canRun(_ spec: JobSpec, _ hello: Hello) -> Bool {
    spec.model.fingerprint == .none || spec.model.fingerprint == hello.fingerprint
  }

  /// Whether any worker can run a job of this model.
  func canRun(_ fingerprint: ModelFingerprint) -> Bool {
    fingerprint == .none ? !workers.isEmpty : models[fingerprint] != nil
  }

  mutating func leave(_ worker: InstanceID, _ reason: String, _ loss: LeaseTable.Loss) -> [Command] {
    guard let entry = workers.removeValue(forKey: worker) else { return [] }
    instances[entry.peer] = nil
    askers.remove(worker)
    draining.remove(worker)
    let left = (models[entry.hello.fingerprint] ?? 1) - 1
    models[entry.hello.fingerprint] = left > 0 ? left : nil
    if left <= 0 { forgetIdleClocks() }
    var units: UInt64 = 0
    var quarantined = 0
    for id in open {
      for lease in jobs[id]?.table?.leases(of: worker) ?? [] {
        units += jobs[id]?.table?.leases[lease]?.units.count ?? 0
        quarantined -= jobs[id]?.table?.quarantined.count ?? 0
        jobs[id]?.table?.release(lease, loss)
        quarantined += jobs[id]?.table?.quarantined.count ?? 0
      }
    }
    if loss == .workerLost { metrics.countLost(quarantined: quarantined) }
    return [.log("worker \(entry.hello.name) \(reason); \(units) leased units go to others")]
  }

  private mutating func expire(at now: MonotonicInstant) -> [Command] {
    var commands: [Command] = []
    for (id, _) in inOrder(workers.filter { now - $0.value.lastSeen >= settings.lease }) {
      commands += leave(id, "was not heard of for \(settings.lease)", .workerLost)
    }
    for id in open {
      for lease in jobs[id]?.table?.expired(at: now) ?? [] {
        // Its worker is there and does not know of it, or its records did not arrive.
        jobs[id]?.table?.release(lease.id, .returned)
        workers[lease.worker]?.grants[lease.id] = nil
        metrics.countExpiredLease()
        if let peer = workers[lease.worker]?.peer { commands.append(.send(.revoke(lease.id), to: peer)) }
        commands.append(.log("lease \(lease.id) was not renewed; \(lease.units.count) units go to others"))
      }
    }
    return commands
  }

  /// In an order that does not depend on hashing, so that the same events always have the same outcome.
  func inOrder(_ workers: [InstanceID: WorkerEntry]) -> [(key: InstanceID, value: WorkerEntry)] {
    workers.sorted { $0.key.rawValue < $1.key.rawValue }
  }

  // MARK: The aggregator

  private mutating func joinAggregator(_ hello: Hello, _ peer: Peer, at now: MonotonicInstant) -> [Command] {
    // One that could bind to the endpoint of the present one has taken its place.
    if let present = aggregator, present.hello.instance != hello.instance,
      present.hello.endpoint != hello.endpoint, now - present.lastSeen <= settings.lease
    {
      return [.send(.refused(reason: "an aggregator is here already: \(present.hello.name)"), to: peer)]
    }
    let isAnother = aggregator?.hello.instance != hello.instance
    aggregator = AggregatorEntry(peer: peer, hello: hello, lastSeen: now)
    return [.log("aggregator \(hello.name) joined")] + openAgain(atAnother: isAnother, at: now)
      + inOrder(workers).map { .send(welcome, to: $0.value.peer) }
  }

  private mutating func receiveFromAggregator(_ message: FleetMessage, at now: MonotonicInstant) -> [Command] {
    aggregator?.lastSeen = now
    switch message {
    case .heartbeat: return setStorageProblem("", at: now)
    case .storage(let state): return setStorageProblem(state.problem, at: now)
    case .opened(let opened): return takeIn(opened, at: now)
    case .committed(let committed): return commit(committed, at: now)
    case .discarded(let discarded): return discard(discarded) + grantAll(at: now)
    case .closed(let closed): return takeIn(closed, at: now)
    case .measured(let measurements):
      take(measurements)
      return []
    case .goodbye:
      aggregator = nil
      return [.log("the aggregator said goodbye")]
    default: return [.log("the aggregator sent a message it must not send; ignored")]
    }
  }

  private mutating func setStorageProblem(_ problem: String, at now: MonotonicInstant) -> [Command] {
    guard let before = aggregator?.problem, before != problem else { return [] }
    aggregator?.problem = problem
    if problem.isEmpty { return [.log("the aggregator can write again")] + grantAll(at: now) }
    return [.log("the aggregator cannot write: \(problem)")]
  }

  /// What keeps records from being committed; empty where nothing does.
  func storageProblem(at now: MonotonicInstant) -> String {
    guard let aggregator else { return "no aggregator has joined yet" }
    if now - aggregator.lastSeen > settings.lease { return "the aggregator was not heard of for \(settings.lease)" }
    return aggregator.problem
  }

  /// What the coordinator takes for committed; nil for a job it has not opened. For tests and simulation.
  package func committed(of job: JobID) -> UnitSet? { jobs[job]?.table?.committed }

  /// Throws where the state contradicts itself, or right after a tick has not acted on what was due: for tests and simulation.
  package func validate(at now: MonotonicInstant) throws {
    for entry in jobs.values {
      try entry.table?.validate()
      for lease in (entry.table?.leases ?? [:]).values {
        if workers[lease.worker] == nil { throw SweepError("lease \(lease.id) is of a worker that is not there") }
        if lease.deadline <= now { throw SweepError("lease \(lease.id) has outlived its deadline") }
      }
    }
    if queue.count != jobs.count || instances.count != workers.count
      || askers.all.contains(where: { workers[$0]?.isDraining != false })
      || draining.contains(where: { workers[$0] == nil }) || models.values.reduce(0, +) != workers.count
      || Set(open) != Set(jobs.filter { $0.value.isOpen }.keys) || open.count != Set(open).count
      || jobs.contains(where: { !$0.value.isOpen && $0.value.table != nil })
      || open.contains(where: { closing[$0] != nil }) || open.count > settings.maximumOpenJobs
    {
      throw SweepError("the coordinator's entries do not fit together")
    }
  }
}
