import FleetProtocol
import SweepSpec

/// Who gets which units.
extension CoordinatorState {
  private static let loansPerTick = 16

  /// The worker waits for so many leases.
  mutating func want(_ leases: Int, _ worker: InstanceID, at now: MonotonicInstant) -> [Command] {
    workers[worker]?.wanted = min(leases, settings.leasesPerWorker)
    guard storageProblem(at: now).isEmpty else {
      queueUp(worker)
      return []
    }
    return grant(to: worker, at: now)
  }

  /// Gives waiting units to workers that wait for leases.
  mutating func grantAll(at now: MonotonicInstant) -> [Command] {
    guard storageProblem(at: now).isEmpty, queue.contains(where: { jobs[$0]?.hasWaitingUnits == true }) else {
      return []
    }
    var commands: [Command] = []
    for worker in askers.all {
      guard queue.contains(where: { jobs[$0]?.hasWaitingUnits == true }) else { break }
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

  private mutating func queueUp(_ worker: InstanceID) {
    guard let wanted = workers[worker]?.wanted else { return }
    if wanted == 0 { askers.remove(worker) } else { askers.add(worker) }
  }

  private mutating func grantOne(to id: InstanceID, _ worker: WorkerEntry, at now: MonotonicInstant) -> [Command]? {
    let held = leases(of: id)
    // A worker that computes a suspect does nothing else: if it dies, it is clear of what.
    guard !held.contains(where: \.isSuspect) else { return nil }
    for jobID in queue {
      // No copy of the entry is held while it changes: its table would be copied whole.
      guard jobs[jobID]?.hasWaitingUnits == true, let job = jobs[jobID]?.job, Self.canRun(job.spec, worker.hello),
        let remaining = jobs[jobID]?.table?.waitingCount
      else { continue }
      let number = LeaseID(rawValue: nextLease)
      let present = workers.count
      let size = workers[id]?.sizer.next(remaining: remaining, workers: present) ?? 1
      let lease = jobs[jobID]?.table?.grant(
        number, to: id, limit: size, isIdle: held.isEmpty, at: now, deadline: now + settings.lease)
      // Only suspects wait, and the worker is not idle: it gets nothing of later jobs either, so that it will be.
      return lease.map { announce($0, of: job, to: id, worker) }
    }
    return nil
  }

  private mutating func announce(_ lease: LeaseTable.Lease, of job: Job, to id: InstanceID, _ worker: WorkerEntry)
    -> [Command]
  {
    nextLease += 1
    let grant = Command.send(
      .lease(LeaseGrant(lease: lease.id, job: job.id, units: lease.granted, attempt: lease.attempt)), to: worker.peer)
    guard workers[id]?.jobs.insert(job.id).inserted == true else { return [grant] }
    return [.send(.job(JobPayload(job)), to: worker.peer), grant]
  }

  /// Lets workers with nothing to do compute the tails of leases that take long: a slow worker does not hold the end.
  mutating func lendTails(at now: MonotonicInstant) -> [Command] {
    guard storageProblem(at: now).isEmpty else { return [] }
    var commands: [Command] = []
    guard queue.contains(where: { jobs[$0]?.phase == .running && jobs[$0]?.hasWaitingUnits == false }) else {
      return []
    }
    var idle = askers.all.filter { leases(of: $0).isEmpty }
    for jobID in queue {
      guard let job = jobs[jobID]?.job, jobs[jobID]?.phase == .running, jobs[jobID]?.hasWaitingUnits == false else {
        continue
      }
      for _ in 0..<Self.loansPerTick {
        guard let helper = idle.firstIndex(where: { workers[$0].map { Self.canRun(job.spec, $0.hello) } == true }),
          let worker = workers[idle[helper]],
          let (lender, seconds) = jobs[jobID]?.table?.straggler(at: now, olderThan: settings.stragglerAge),
          seconds > Self.worthHelping(lender, worker),
          let lease = jobs[jobID]?.table?.lend(
            lender.id, as: LeaseID(rawValue: nextLease), to: idle[helper], at: now, deadline: now + settings.lease)
        else { break }
        commands += announce(lease, of: job, to: idle[helper], worker)
        workers[idle[helper]]?.wanted -= 1
        queueUp(idle[helper])
        idle.remove(at: helper)
      }
    }
    return commands
  }

  /// Seconds a lease must still need for another worker to help: well more than that worker would take for all of it.
  private static func worthHelping(_ lease: LeaseTable.Lease, _ helper: WorkerEntry) -> Double {
    guard let rate = helper.sizer.unitsPerSecond else { return 5 }
    return 1 + 2 * Double(lease.units.count) / rate
  }

  private func leases(of worker: InstanceID) -> [LeaseTable.Lease] {
    queue.flatMap { id in
      guard let table = jobs[id]?.table else { return [LeaseTable.Lease]() }
      return table.leases(of: worker).compactMap { table.leases[$0] }
    }
  }
}

extension CoordinatorState.JobEntry {
  var hasWaitingUnits: Bool { phase == .running && (table?.waitingCount ?? 0) > 0 }
}
