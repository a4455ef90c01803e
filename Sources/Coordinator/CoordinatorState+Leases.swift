import FleetProtocol
import SweepSpec

/// Who gets which units.
extension CoordinatorState {
  private static let loansPerTick = 16
  /// Leases of a worker that are accounted for, and jobs whose shards are sized for it; of more, the oldest are left out.
  private static let grantsKept = 128
  private static let sizersKept = 64

  /// Renews what the worker works on, and has it drop what it does not hold.
  mutating func renew(_ leases: [LeaseID], of worker: InstanceID, at now: MonotonicInstant) -> [Command] {
    var lost: [LeaseID] = []
    for lease in leases {
      guard let job = workers[worker]?.grants[lease]?.job,
        jobs[job]?.table?.renew(lease, of: worker, until: now + settings.lease) == true
      else {
        lost.append(lease)
        continue
      }
    }
    guard let peer = workers[worker]?.peer else { return [] }
    return lost.prefix(Self.grantsKept).map { .send(.revoke($0), to: peer) }
  }

  /// The worker waits for so many leases.
  mutating func want(_ leases: Int, _ worker: InstanceID, at now: MonotonicInstant) -> [Command] {
    guard workers[worker]?.isDraining == false else { return [] }
    workers[worker]?.wanted = min(leases, settings.leasesPerWorker)
    guard storageProblem(at: now).isEmpty else {
      queueUp(worker)
      return []
    }
    return grant(to: worker, at: now)
  }

  /// Gives waiting units to workers that wait for leases.
  mutating func grantAll(at now: MonotonicInstant) -> [Command] {
    guard storageProblem(at: now).isEmpty, open.contains(where: { jobs[$0]?.hasWaitingUnits == true }) else {
      return []
    }
    var commands: [Command] = []
    for worker in askers.all {
      guard open.contains(where: { jobs[$0]?.hasWaitingUnits == true }) else { break }
      commands += grant(to: worker, at: now)
    }
    return commands
  }

  /// Gives a worker what it waits for, as far as there is something; else it queues up.
  private mutating func grant(to id: InstanceID, at now: MonotonicInstant) -> [Command] {
    var commands: [Command] = []
    while let worker = workers[id], worker.wanted > 0, let granted = grantOne(to: id, worker, at: now) {
      commands += granted
      workers[id]?.wanted -= 1
    }
    queueUp(id)
    return commands
  }

  mutating func queueUp(_ worker: InstanceID) {
    guard let wanted = workers[worker]?.wanted else { return }
    if wanted == 0 { askers.remove(worker) } else { askers.add(worker) }
  }

  private mutating func grantOne(to id: InstanceID, _ worker: WorkerEntry, at now: MonotonicInstant) -> [Command]? {
    let held = load(of: id)
    // A worker that computes a suspect does nothing else: if it dies, it is clear of what.
    // No copy of an entry is held while it changes: its table would be copied whole.
    guard !held.hasSuspect, isHeard(worker, at: now), let jobID = nextJob(for: worker.hello),
      let job = jobs[jobID]?.job, let remaining = jobs[jobID]?.table?.waitingCount
    else { return nil }
    let number = LeaseID(rawValue: nextLease)
    let present = workers.count
    let size = workers[id]?.sizers[jobID, default: ShardSizer()].next(remaining: remaining, workers: present) ?? 1
    let lease = jobs[jobID]?.table?.grant(
      number, to: id, limit: size, isIdle: held.leases == 0, at: now, deadline: now + settings.lease)
    // Only suspects wait, and the worker is not idle: it gets nothing of other jobs either, so that it will be.
    guard let lease else { return nil }
    turnClock(of: worker.hello.fingerprint, to: jobID)
    return announce(lease, of: job, to: id, worker, at: now)
  }

  /// Whether the worker seems to be there: one that is silent, and soon lost, must not take units along, which would be
  /// blamed for it.
  private func isHeard(_ worker: WorkerEntry, at now: MonotonicInstant) -> Bool {
    now - worker.lastSeen < settings.lease / 2
  }

  private mutating func announce(
    _ lease: LeaseTable.Lease, of job: Job, to id: InstanceID, _ worker: WorkerEntry, at now: MonotonicInstant
  ) -> [Command] {
    nextLease += 1
    let charge = charge(job.id, units: lease.granted.size, of: id)
    workers[id]?.grants[lease.id] = Grant(
      job: job.id, units: lease.granted.size, at: now, charge: charge, priority: jobs[job.id]?.priority ?? .normal)
    forgetOldAccounts(of: id)
    var commands: [Command] = []
    if jobs[job.id]?.startedAt == nil {
      let start = date(of: now)
      jobs[job.id]?.startedAt = start
      commands = journal(job.id)
    }
    if workers[id]?.jobs.insert(job.id).inserted == true {
      commands.append(.send(.job(JobPayload(job)), to: worker.peer))
    }
    let grant = LeaseGrant(lease: lease.id, job: job.id, units: lease.granted, attempt: lease.attempt)
    return commands + [.send(.lease(grant), to: worker.peer)]
  }

  private mutating func forgetOldAccounts(of worker: InstanceID) {
    if let grants = workers[worker]?.grants, grants.count > Self.grantsKept, let oldest = grants.keys.min() {
      workers[worker]?.grants[oldest] = nil
    }
    if let sizers = workers[worker]?.sizers, sizers.count > Self.sizersKept {
      workers[worker]?.sizers = sizers.filter { jobs[$0.key]?.isOpen == true }
    }
  }

  /// Lets workers with nothing to do compute the tails of leases that take long: a slow worker does not hold the end.
  mutating func lendTails(at now: MonotonicInstant) -> [Command] {
    guard storageProblem(at: now).isEmpty else { return [] }
    var commands: [Command] = []
    guard open.contains(where: { jobs[$0]?.hasOnlyLeasedUnits == true }) else {
      return []
    }
    var idle = askers.all.filter { load(of: $0).leases == 0 && workers[$0].map { isHeard($0, at: now) } == true }
    for jobID in open {
      guard let job = jobs[jobID]?.job, jobs[jobID]?.hasOnlyLeasedUnits == true else { continue }
      for _ in 0..<Self.loansPerTick {
        guard let helper = idle.firstIndex(where: { workers[$0].map { Self.canRun(job.spec, $0.hello) } == true }),
          let worker = workers[idle[helper]],
          let (lender, seconds) = jobs[jobID]?.table?.straggler(at: now, olderThan: settings.stragglerAge),
          seconds > Self.worthHelping(lender, worker, job.id),
          let lease = jobs[jobID]?.table?.lend(
            lender.id, as: LeaseID(rawValue: nextLease), to: idle[helper], at: now, deadline: now + settings.lease)
        else { break }
        commands += announce(lease, of: job, to: idle[helper], worker, at: now)
        workers[idle[helper]]?.wanted -= 1
        queueUp(idle[helper])
        idle.remove(at: helper)
      }
    }
    return commands
  }

  /// Seconds a lease must still need for another worker to help: well more than that worker would take for all of it.
  private static func worthHelping(_ lease: LeaseTable.Lease, _ helper: WorkerEntry, _ job: JobID) -> Double {
    guard let rate = helper.sizers[job]?.unitsPerSecond else { return 5 }
    return 1 + 2 * Double(lease.units.count) / rate
  }

  /// How many leases a worker holds, and whether one is of suspects.
  func load(of worker: InstanceID) -> (leases: Int, hasSuspect: Bool) {
    var load = (leases: 0, hasSuspect: false)
    for id in open {
      guard let part = jobs[id]?.table?.load(of: worker) else { continue }
      load.leases += part.leases
      load.hasSuspect = load.hasSuspect || part.hasSuspect
    }
    return load
  }

  // MARK: Draining

  mutating func drain(_ worker: InstanceID, at now: MonotonicInstant) -> [Command] {
    workers[worker]?.isDraining = true
    workers[worker]?.wanted = 0
    askers.remove(worker)
    draining.insert(worker)
    return [.log("worker \(workers[worker]?.hello.name ?? "") is drained")] + dismissDrained(at: now)
  }

  /// Sends away drained workers that hold no lease, until they are gone.
  mutating func dismissDrained(at now: MonotonicInstant) -> [Command] {
    var commands: [Command] = []
    for id in draining.sorted(by: { $0.rawValue < $1.rawValue }) {
      guard let worker = workers[id], load(of: id).leases == 0 else { continue }
      if let last = worker.dismissedAt, now - last < settings.repeatAfter { continue }
      workers[id]?.dismissedAt = now
      commands.append(.send(.dismiss(reason: "this worker was drained"), to: worker.peer))
    }
    return commands
  }
}

extension CoordinatorState.JobEntry {
  var hasOnlyLeasedUnits: Bool { stage == .running && !isLeaving && table?.waitingCount == 0 }
}
