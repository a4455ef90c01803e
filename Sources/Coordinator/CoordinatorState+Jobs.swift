import FleetProtocol
import SweepSpec

/// What becomes of a job: submitted, opened by the aggregator, committed unit by unit, closed.
extension CoordinatorState {
  mutating func submit(_ job: Job, from peer: Peer, at now: MonotonicInstant) -> [Command] {
    // A job that has ended may be submitted again: its store says what is left to do.
    if jobs[job.id] != nil { return [.send(.accepted(job.id), to: peer)] }
    if let reason = refusal(of: job) { return [.strike(job.id), .send(.rejected(reason: reason), to: peer)] }
    return [.send(.accepted(job.id), to: peer)] + enqueue(job, at: now)
  }

  private func refusal(of job: Job) -> String? {
    if jobs.count >= settings.maximumJobs {
      return "there are \(jobs.count) jobs already, the most this coordinator takes; wait for one to end"
    }
    let bytes = jobs.values.reduce(JobEntry(job).bytes) { $0 + $1.bytes }
    guard bytes > settings.maximumJobBytes else { return nil }
    return "the jobs' files would be \(bytes >> 20) MiB together, more than the \(settings.maximumJobBytes >> 20) this "
      + "coordinator takes; wait for a job to end"
  }

  mutating func enqueue(_ job: Job, at now: MonotonicInstant) -> [Command] {
    jobs[job.id] = JobEntry(job)
    queue.append(job.id)
    ended.forget(job.id)
    var commands: [Command] = [.log("job \(job.id) submitted: \(job.sweep.unitCount) units")]
    commands += ask(job.id, at: now)
    return commands
  }

  /// Asks the aggregator for whatever the job needs of it now.
  mutating func ask(_ id: JobID, at now: MonotonicInstant) -> [Command] {
    guard let aggregator, let entry = jobs[id], let message = request(entry) else { return [] }
    jobs[id]?.askedAt = now
    if case .statusRequest = message { jobs[id]?.hasAskedStatus = true }
    return [.send(message, to: aggregator.peer)]
  }

  private func request(_ entry: JobEntry) -> FleetMessage? {
    guard entry.phase == .running, let table = entry.table else { return .open(JobPayload(entry.job)) }
    if table.isComplete { return .close(entry.job.id) }
    // An aggregator that does not answer has closed the store, or never opened it.
    if entry.isOutOfStep { return entry.hasAskedStatus ? .open(JobPayload(entry.job)) : .statusRequest(entry.job.id) }
    guard !table.quarantined.isEmpty else { return nil }
    let units = table.quarantined.keys.sorted().prefix(1024)
    return .quarantine(
      Quarantine(
        job: entry.job.id, units: UnitSet(units.map { $0..<$0 + 1 }).ranges,
        attempt: units.compactMap { table.quarantined[$0] }.max() ?? 1,
        reason: "\(LeaseTable.deathsAllowed) workers died, or hung, while they computed this unit alone"))
  }

  /// Asks again for what the aggregator was asked and has not done, though it was heard of since.
  mutating func remind(at now: MonotonicInstant) -> [Command] {
    guard let aggregator else { return [] }
    var commands: [Command] = []
    for id in queue {
      if jobs[id]?.table?.hasCommitOverdue(at: now, since: settings.repeatAfter, of: settings.commit) == true {
        jobs[id]?.isOutOfStep = true
      }
      let askedAt = jobs[id]?.askedAt
      if let askedAt, now - askedAt < settings.repeatAfter || aggregator.lastSeen <= askedAt { continue }
      commands += ask(id, at: now)
    }
    return commands
  }

  /// Takes the store's word for what is committed.
  mutating func takeIn(_ opened: OpenedJob, at now: MonotonicInstant) -> [Command] {
    guard let unitCount = jobs[opened.job]?.job.sweep.unitCount else { return [] }
    guard opened.problem.isEmpty else { return fail(opened.job, opened.problem) }
    let committed = UnitSet(opened.committed)
    guard (committed.ranges.last?.upperBound ?? 0) <= unitCount else {
      return [.log("the aggregator names units job \(opened.job) does not have; ignored")]
    }
    var commands: [Command] = []
    let isKnown = jobs[opened.job]?.table != nil
    if !isKnown {
      jobs[opened.job]?.table = LeaseTable(unitCount: unitCount, committed: committed)
    } else {
      commands = revoke(jobs[opened.job]?.table?.replaceCommitted(committed) ?? [])
    }
    jobs[opened.job]?.phase = .running
    jobs[opened.job]?.isOutOfStep = false
    jobs[opened.job]?.hasAskedStatus = false
    count(opened.job, opened.counts, isCommit: isKnown, at: now)
    return commands + askIfDue(opened.job, at: now) + grantAll(at: now)
  }

  mutating func commit(_ message: Committed, at now: MonotonicInstant) -> [Command] {
    // Before the store is opened, what it says then is all there is to know.
    guard jobs[message.job]?.phase == .running, let unitCount = jobs[message.job]?.table?.unitCount else { return [] }
    let units = UnitSet(message.units)
    guard (units.ranges.last?.upperBound ?? 0) <= unitCount else {
      return [.log("the aggregator names units job \(message.job) does not have; ignored")]
    }
    let commands = revoke(jobs[message.job]?.table?.commit(units) ?? [])
    count(message.job, message.counts, isCommit: true, at: now)
    let known = jobs[message.job]?.table?.committed.count
    jobs[message.job]?.isOutOfStep = known != message.counts.total
    return commands + askIfDue(message.job, at: now)
  }

  /// - Parameter isCommit: false where the units were durable before this coordinator knew the job.
  private mutating func count(_ id: JobID, _ counts: UnitCounts, isCommit: Bool, at now: MonotonicInstant) {
    if isCommit, let before = jobs[id]?.counts { metrics.countCommitted(counts, before: before, at: now) }
    jobs[id]?.counts = counts
    jobs[id]?.rate.record(total: counts.total, at: now)
  }

  /// Closes a complete job at once; other requests have time until the next reminder.
  private mutating func askIfDue(_ id: JobID, at now: MonotonicInstant) -> [Command] {
    jobs[id]?.table?.isComplete == true ? ask(id, at: now) : []
  }

  /// Tells workers to leave what others have done meanwhile.
  private func revoke(_ leases: [LeaseTable.Lease]) -> [Command] {
    leases.compactMap { lease in workers[lease.worker].map { .send(.revoke(lease.id), to: $0.peer) } }
  }

  /// Records that do not fit the job: their units wait again, and a worker that sends them again and again is sent away.
  mutating func discard(_ message: Discarded) -> [Command] {
    var commands: [Command] = []
    for range in UnitSet(message.units).ranges {
      for id in jobs[message.job]?.table?.leases(overlapping: range) ?? [] {
        guard let lease = jobs[message.job]?.table?.leases[id], lease.worker == message.worker else { continue }
        jobs[message.job]?.table?.release(id, .returned)
        commands += revoke([lease])
      }
    }
    guard let worker = workers[message.worker] else { return commands }
    workers[message.worker]?.badBatches += 1
    guard worker.badBatches + 1 >= settings.badBatchesAllowed else { return commands }
    let reason = "it sent \(settings.badBatchesAllowed) batches of records that do not fit their job"
    return commands + [.send(.refused(reason: reason), to: worker.peer)]
      + leave(message.worker, "was refused: \(reason)", .returned)
  }

  private mutating func fail(_ id: JobID, _ problem: String) -> [Command] {
    end(id, .failed, problem, rate: 0) + [.log("job \(id) failed: \(problem)")]
  }

  mutating func finish(_ id: JobID, at now: MonotonicInstant) -> [Command] {
    guard let entry = jobs[id], entry.table?.isComplete == true else { return [] }
    return end(id, .done, "", rate: entry.rate.unitsPerSecond(at: now)) + [.log("job \(id) is done")]
  }

  private mutating func end(_ id: JobID, _ phase: JobStatus.Phase, _ problem: String, rate: Double) -> [Command] {
    guard let entry = jobs.removeValue(forKey: id) else { return [] }
    queue.removeAll { $0 == id }
    metrics.countEnded(phase == .done ? .done : .failed)
    ended.add(
      JobStatus(
        job: id, phase: phase, units: entry.job.sweep.unitCount, counts: entry.counts, rate: rate,
        workers: workers.count, leases: 0, problem: problem), keeping: settings.endedJobs)
    for worker in workers.keys { workers[worker]?.jobs.remove(id) }
    // All of them: who has come back over a new connection may still hold records of the job.
    return [.strike(id)] + inOrder(workers).map { .send(.forget(id), to: $0.value.peer) }
  }

  func status(of id: JobID, to peer: Peer, at now: MonotonicInstant) -> Command {
    guard let entry = jobs[id] else {
      guard var status = ended[id] else { return .send(.rejected(reason: "there is no job \(id)"), to: peer) }
      status.workers = workers.count
      return .send(.status(status), to: peer)
    }
    return .send(
      .status(
        JobStatus(
          job: id, phase: entry.phase, units: entry.job.sweep.unitCount, counts: entry.counts,
          rate: entry.rate.unitsPerSecond(at: now), workers: workers.count, leases: entry.table?.leases.count ?? 0,
          problem: problem(of: entry, at: now))), to: peer)
  }

  private func problem(of entry: JobEntry, at now: MonotonicInstant) -> String {
    let storage = storageProblem(at: now)
    guard storage.isEmpty, let other = workers.values.first,
      !workers.values.contains(where: {
        Self.canRun(entry.job.spec, $0.hello)
      })
    else { return storage }
    let model = entry.job.spec.model
    return "no worker holds the job's model \(model.name) (\(model.fingerprint)), one has \(other.hello.model) "
      + "(\(other.hello.fingerprint)); start workers with the same model files and --precision"
  }
}
