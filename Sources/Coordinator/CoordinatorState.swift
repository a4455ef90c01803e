import FleetProtocol
import SonarModel
import SweepSpec

/// The coordinator's decisions: jobs, leases, and who is there. Messages and the time go in, messages come out; it does
/// no I/O and has no clock.
///
/// This file is who is there; `CoordinatorState+Jobs` is what becomes of a job, `CoordinatorState+Leases` who gets which
/// units.
public struct CoordinatorState {
  public enum Event: Sendable {
    case received(FleetMessage, from: Peer)
    /// A job that a client submitted and that was found to be well-formed, and is in the journal.
    case submitted(Job, from: Peer)
    /// A job from the journal of a coordinator that ended.
    case restored(Job)
    case tick
  }

  public enum Command: Sendable {
    case send(FleetMessage, to: Peer)
    /// Check the payload, write it to the journal and come back with `.submitted`, or reject it.
    case build(JobPayload, from: Peer)
    /// The job has ended: take it out of the journal.
    case strike(JobID)
    case log(String)
  }

  let settings: CoordinatorSettings
  var workers: [InstanceID: WorkerEntry] = [:]
  var instances: [Peer: InstanceID] = [:]
  var aggregator: AggregatorEntry?
  var jobs: [JobID: JobEntry] = [:]
  /// Jobs in the order they are worked on.
  var queue: [JobID] = []
  var ended = EndedJobs()
  var askers = AskerQueue()
  var nextLease: UInt64
  var metrics = FleetMetrics()
  private var lastTick: MonotonicInstant?

  public init(settings: CoordinatorSettings = .init()) {
    self.settings = settings
    nextLease = settings.firstLease
  }

  public mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Command] {
    switch event {
    case .received(let message, let peer): receive(message, from: peer, at: now)
    case .submitted(let job, let peer): submit(job, from: peer, at: now)
    case .restored(let job): queue.contains(job.id) ? [] : enqueue(job, at: now)
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
      for job in queue { jobs[job]?.table?.renew(heartbeat.leases, of: worker, until: now + settings.lease) }
      return want(heartbeat.wanted, worker, at: now)
    case .request(let leases):
      return want((workers[worker]?.wanted ?? 0) + leases, worker, at: now)
    case .computed(let computed):
      metrics.observe(computed)
      workers[worker]?.sizer.observe(units: computed.units, seconds: computed.seconds)
      for job in queue { jobs[job]?.table?.markComputed(computed.lease, of: worker, until: now + settings.commit) }
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
    return expire(at: now) + remind(at: now) + grantAll(at: now) + lendTails(at: now)
  }

  private mutating func forgive(_ gap: Duration, at now: MonotonicInstant) {
    for (id, worker) in workers { workers[id]?.lastSeen = min(worker.lastSeen + gap, now) }
    for job in queue { jobs[job]?.table?.postpone(by: gap, atMost: now + settings.lease) }
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
      instances[peer] = hello.instance
      return commands + [.send(welcome, to: peer)]
    }
    workers[hello.instance] = WorkerEntry(peer: peer, hello: hello, lastSeen: now)
    instances[peer] = hello.instance
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

  mutating func leave(_ worker: InstanceID, _ reason: String, _ loss: LeaseTable.Loss) -> [Command] {
    guard let entry = workers.removeValue(forKey: worker) else { return [] }
    instances[entry.peer] = nil
    askers.remove(worker)
    var units: UInt64 = 0
    var quarantined = 0
    for id in queue {
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
    for id in queue {
      for lease in jobs[id]?.table?.expired(at: now) ?? [] {
        // Its worker is there and does not know of it, or its records did not arrive.
        jobs[id]?.table?.release(lease.id, .returned)
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
    aggregator = AggregatorEntry(peer: peer, hello: hello, lastSeen: now)
    // What is durable is for the store to say: every open job is opened again.
    for id in queue { jobs[id]?.phase = .opening }
    return [.log("aggregator \(hello.name) joined")] + queue.flatMap { ask($0, at: now) }
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
    case .measured(let measurements):
      take(measurements)
      return []
    case .closed(let id): return finish(id, at: now)
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
      || askers.all.contains(where: { workers[$0] == nil })
    {
      throw SweepError("the coordinator's entries do not fit together")
    }
  }
}
