import FleetProtocol
import SonarModel
import SweepSpec

/// The coordinator's decisions: jobs, leases, and who is there. Messages and the time go in, messages come out; it does
/// no I/O and has no clock.
public struct CoordinatorState {
  public enum Event: Sendable {
    case received(FleetMessage, from: Peer)
    /// A job that a client submitted and that was found to be well-formed.
    case submitted(Job, from: Peer)
    case tick
  }

  public enum Command: Sendable {
    case send(FleetMessage, to: Peer)
    /// Check the payload and come back with `.submitted`, or reject it.
    case build(JobPayload, from: Peer)
    case log(String)
  }

  private let settings: CoordinatorSettings
  private var workers: [InstanceID: WorkerEntry] = [:]
  private var instances: [Peer: InstanceID] = [:]
  private var aggregator: AggregatorEntry?
  private var jobs: [JobID: JobEntry] = [:]
  /// Jobs in the order they are worked on.
  private var queue: [JobID] = []
  private var nextLease: UInt64 = 1

  public init(settings: CoordinatorSettings = .init()) { self.settings = settings }

  public mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Command] {
    switch event {
    case .received(let message, let peer): receive(message, from: peer, at: now)
    case .submitted(let job, let peer): submit(job, from: peer)
    case .tick: expire(at: now) + grant(at: now)
    }
  }

  private mutating func receive(_ message: FleetMessage, from peer: Peer, at now: MonotonicInstant) -> [Command] {
    switch message {
    case .hello(let hello): return join(hello, peer, at: now)
    case .submit(let payload): return [.build(payload, from: peer)]
    case .statusRequest(let job): return [status(of: job, to: peer, at: now)]
    default: break
    }
    if let aggregator, aggregator.peer == peer { return receive(message, fromAggregator: aggregator, at: now) }
    guard let worker = instances[peer], workers[worker] != nil else { return [.send(.identify, to: peer)] }
    workers[worker]?.lastSeen = now
    switch message {
    case .heartbeat(let heartbeat):
      for job in queue { jobs[job]?.table?.renew(heartbeat.leases, of: worker, until: now + settings.lease) }
      return []
    case .request(let leases):
      let wanted = workers[worker]?.wanted ?? 0
      workers[worker]?.wanted = min(wanted + leases, settings.leasesPerWorker)
      return grant(at: now)
    case .computed(let computed):
      workers[worker]?.sizer.observe(units: computed.units, seconds: computed.seconds)
      for job in queue { jobs[job]?.table?.renew([computed.lease], of: worker, until: now + settings.commit) }
      return []
    case .goodbye:
      return leave(worker, "said goodbye") + grant(at: now)
    default:
      return [.log("a worker sent a message it must not send; ignored")]
    }
  }

  // MARK: Who is there

  private mutating func join(_ hello: Hello, _ peer: Peer, at now: MonotonicInstant) -> [Command] {
    switch hello.role {
    case .client: return []
    case .aggregator: return joinAggregator(hello, peer, at: now)
    case .worker: break
    }
    if let reason = refusal(of: hello) {
      return [.log("refused worker \(hello.name): \(reason)"), .send(.refused(reason: reason), to: peer)]
    }
    if let known = workers[hello.instance] {
      // The same process over a new connection: it keeps its leases, and the job is sent again with the next one.
      instances[known.peer] = nil
      workers[hello.instance]?.peer = peer
      workers[hello.instance]?.lastSeen = now
      workers[hello.instance]?.jobs = []
      workers[hello.instance]?.wanted = 0
    } else {
      workers[hello.instance] = WorkerEntry(peer: peer, hello: hello, lastSeen: now)
    }
    instances[peer] = hello.instance
    return [.log("worker \(hello.name) joined with model \(hello.model)"), .send(welcome, to: peer)]
  }

  private var welcome: FleetMessage {
    .welcome(Welcome(heartbeatSeconds: settings.heartbeat.seconds, aggregator: aggregator?.hello.endpoint ?? ""))
  }

  /// Why a worker is of no use to any of the jobs there are; nil where it is, or where there are none.
  private func refusal(of hello: Hello) -> String? {
    let specs = queue.compactMap { jobs[$0]?.job.spec }
    guard !specs.isEmpty, !specs.contains(where: { Self.canRun($0, hello) }) else { return nil }
    let wanted = specs.map { "\($0.model.name) (\($0.model.fingerprint))" }.joined(separator: ", ")
    return "the worker holds model \(hello.model) (\(hello.fingerprint)), the jobs need \(wanted); "
      + "start it with the same model files and --precision"
  }

  private static func canRun(_ spec: JobSpec, _ hello: Hello) -> Bool {
    spec.model.fingerprint == .none || spec.model.fingerprint == hello.fingerprint
  }

  private mutating func leave(_ worker: InstanceID, _ reason: String) -> [Command] {
    guard let entry = workers.removeValue(forKey: worker) else { return [] }
    instances[entry.peer] = nil
    var units: UInt64 = 0
    for id in queue {
      for lease in jobs[id]?.table?.leases(of: worker) ?? [] {
        units += jobs[id]?.table?.leases[lease]?.units.count ?? 0
        jobs[id]?.table?.release(lease)
      }
    }
    return [.log("worker \(entry.hello.name) \(reason); \(units) leased units go to others")]
  }

  private mutating func expire(at now: MonotonicInstant) -> [Command] {
    var commands: [Command] = []
    for (id, entry) in workers where now - entry.lastSeen > settings.lease {
      commands += leave(id, "was not heard of for \(settings.lease)")
    }
    for id in queue {
      for lease in jobs[id]?.table?.expired(at: now) ?? [] {
        jobs[id]?.table?.release(lease.id)
        if let peer = workers[lease.worker]?.peer { commands.append(.send(.revoke(lease.id), to: peer)) }
        commands.append(.log("lease \(lease.id) was not renewed; \(lease.units.count) units go to others"))
      }
    }
    return commands
  }

  // MARK: The aggregator

  private mutating func joinAggregator(_ hello: Hello, _ peer: Peer, at now: MonotonicInstant) -> [Command] {
    if let present = aggregator, present.hello.instance != hello.instance, now - present.lastSeen <= settings.lease {
      return [.send(.refused(reason: "an aggregator is here already: \(present.hello.name)"), to: peer)]
    }
    aggregator = AggregatorEntry(peer: peer, hello: hello, lastSeen: now)
    var commands: [Command] = [.log("aggregator \(hello.name) joined")]
    // What is durable is for the store to say: every open job is opened again.
    for id in queue {
      guard let job = jobs[id]?.job else { continue }
      jobs[id]?.phase = .opening
      commands.append(.send(.open(JobPayload(job)), to: peer))
    }
    return commands + workers.values.map { .send(welcome, to: $0.peer) }
  }

  private mutating func receive(
    _ message: FleetMessage, fromAggregator entry: AggregatorEntry, at now: MonotonicInstant
  ) -> [Command] {
    aggregator?.lastSeen = now
    switch message {
    case .heartbeat: return []
    case .storage(let state):
      aggregator?.problem = state.problem
      return state.problem.isEmpty ? [] : [.log("the aggregator cannot write: \(state.problem)")]
    case .opened(let opened): return start(opened, entry, at: now) + grant(at: now)
    case .committed(let committed): return commit(committed, entry, at: now)
    case .closed(let id):
      return finish(id)
    case .goodbye:
      aggregator = nil
      return [.log("the aggregator said goodbye")]
    default: return [.log("the aggregator sent a message it must not send; ignored")]
    }
  }

  // MARK: Jobs

  private mutating func submit(_ job: Job, from peer: Peer) -> [Command] {
    let accepted = Command.send(.accepted(job.id), to: peer)
    // A job that failed may be submitted again.
    if let known = jobs[job.id], known.phase != .failed { return [accepted] }
    jobs[job.id] = JobEntry(job: job)
    queue.append(job.id)
    var commands: [Command] = [accepted, .log("job \(job.id) submitted: \(job.sweep.unitCount) units")]
    for (id, worker) in workers {
      guard let reason = refusal(of: worker.hello) else { continue }
      commands.append(.send(.refused(reason: reason), to: worker.peer))
      commands += leave(id, "was refused: \(reason)")
    }
    if let aggregator { commands.append(.send(.open(JobPayload(job)), to: aggregator.peer)) }
    return commands
  }

  private mutating func start(_ opened: OpenedJob, _ aggregator: AggregatorEntry, at now: MonotonicInstant) -> [Command]
  {
    guard let entry = jobs[opened.job], entry.phase == .opening else { return [] }
    guard opened.problem.isEmpty else {
      jobs[opened.job]?.phase = .failed
      jobs[opened.job]?.problem = opened.problem
      queue.removeAll { $0 == opened.job }
      return [.log("job \(opened.job) failed: \(opened.problem)")]
    }
    let committed = UnitSet(opened.committed)
    guard (committed.ranges.last?.upperBound ?? 0) <= entry.job.sweep.unitCount else {
      return [.log("the aggregator names units job \(opened.job) does not have; ignored")]
    }
    if entry.table == nil {
      jobs[opened.job]?.table = LeaseTable(unitCount: entry.job.sweep.unitCount, committed: committed)
    } else {
      jobs[opened.job]?.table?.commit(committed)
    }
    jobs[opened.job]?.counts = opened.counts
    jobs[opened.job]?.rate.record(total: opened.counts.total, at: now)
    jobs[opened.job]?.phase = .running
    return closeIfComplete(opened.job, aggregator)
  }

  private mutating func commit(_ message: Committed, _ aggregator: AggregatorEntry, at now: MonotonicInstant)
    -> [Command]
  {
    guard let entry = jobs[message.job], entry.phase == .running, let table = entry.table else { return [] }
    let units = UnitSet(message.units)
    guard (units.ranges.last?.upperBound ?? 0) <= table.unitCount else {
      return [.log("the aggregator names units job \(message.job) does not have; ignored")]
    }
    jobs[message.job]?.table?.commit(units)
    jobs[message.job]?.counts = message.counts
    jobs[message.job]?.rate.record(total: message.counts.total, at: now)
    return closeIfComplete(message.job, aggregator)
  }

  private func closeIfComplete(_ id: JobID, _ aggregator: AggregatorEntry) -> [Command] {
    jobs[id]?.table?.isComplete == true ? [.send(.close(id), to: aggregator.peer)] : []
  }

  private mutating func finish(_ id: JobID) -> [Command] {
    guard jobs[id]?.table?.isComplete == true else { return [] }
    jobs[id]?.phase = .done
    queue.removeAll { $0 == id }
    let holders = workers.filter { $0.value.jobs.contains(id) }
    for holder in holders.keys { workers[holder]?.jobs.remove(id) }
    return holders.values.map { .send(.forget(id), to: $0.peer) } + [.log("job \(id) is done")]
  }

  // MARK: Leases

  /// Gives waiting units to workers that asked for leases.
  private mutating func grant(at now: MonotonicInstant) -> [Command] {
    guard storageProblem(at: now).isEmpty else { return [] }
    var commands: [Command] = []
    for id in workers.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      while let worker = workers[id], worker.wanted > 0, let granted = grant(to: id, worker, at: now) {
        commands += granted
        workers[id]?.wanted -= 1
      }
    }
    return commands
  }

  private mutating func grant(to id: InstanceID, _ worker: WorkerEntry, at now: MonotonicInstant) -> [Command]? {
    for jobID in queue {
      guard let entry = jobs[jobID], entry.phase == .running, Self.canRun(entry.job.spec, worker.hello),
        let remaining = entry.table?.waitingCount, remaining > 0
      else { continue }
      let lease = LeaseID(rawValue: nextLease)
      let present = workers.count
      let size = workers[id]?.sizer.next(remaining: remaining, workers: present) ?? 1
      guard let granted = jobs[jobID]?.table?.grant(lease, to: id, limit: size, deadline: now + settings.lease) else {
        continue
      }
      nextLease += 1
      var commands: [Command] = []
      if workers[id]?.jobs.insert(jobID).inserted == true {
        commands.append(.send(.job(JobPayload(entry.job)), to: worker.peer))
      }
      let message = LeaseGrant(lease: lease, job: jobID, units: granted.units, attempt: granted.attempt)
      return commands + [.send(.lease(message), to: worker.peer)]
    }
    return nil
  }

  /// What keeps records from being committed; empty where nothing does.
  private func storageProblem(at now: MonotonicInstant) -> String {
    guard let aggregator else { return "no aggregator has joined yet" }
    if now - aggregator.lastSeen > settings.lease { return "the aggregator was not heard of for \(settings.lease)" }
    return aggregator.problem
  }

  private func status(of id: JobID, to peer: Peer, at now: MonotonicInstant) -> Command {
    guard let entry = jobs[id] else { return .send(.rejected(reason: "there is no job \(id)"), to: peer) }
    var problem = entry.problem
    if problem.isEmpty, entry.phase == .opening || entry.phase == .running {
      problem = storageProblem(at: now)
    }
    return .send(
      .status(
        JobStatus(
          job: id, phase: entry.phase, units: entry.job.sweep.unitCount, counts: entry.counts,
          rate: entry.rate.unitsPerSecond(at: now), workers: workers.count, leases: entry.table?.leases.count ?? 0,
          problem: problem)), to: peer)
  }

  /// Throws where the state contradicts itself: for tests and simulation.
  package func validate() throws { for entry in jobs.values { try entry.table?.validate() } }
}
