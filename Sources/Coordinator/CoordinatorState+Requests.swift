import FleetProtocol
import SweepSpec

/// What people ask for.
extension CoordinatorState {
  /// What is to be journaled comes before everything else of the commands: only then the answer holds.
  package mutating func answer(_ request: FleetRequest, at now: MonotonicInstant) -> (FleetAnswer, [Command]) {
    do {
      switch request {
      case .submit(let submission): return try submit(submission, at: now)
      case .cancel(let id): return try cancel(id, at: now)
      case .pause(let id): return try change(id, at: now) { $0.pause(id, at: now) }
      case .resume(let id): return try change(id, at: now) { $0.resume(id, at: now) }
      case .setPriority(let id, let priority):
        return try change(id, at: now) {
          $0.jobs[id]?.priority = priority
          return $0.journal(id)
        }
      case .retryFailures(let id, let code):
        return try change(id, at: now) { fleet throws(FleetRefusal) in try fleet.retry(id, code ?? "", at: now) }
      case .drain(let worker): return try drained(worker, at: now)
      }
    } catch {
      return (.refused(error), [])
    }
  }

  private mutating func submit(
    _ submission: Submission, at now: MonotonicInstant
  ) throws(FleetRefusal) -> (FleetAnswer, [Command]) {
    let id = submission.job.id
    let isNew = jobs[id] == nil
    guard isNew else {
      guard let code = submission.retrying else { return (try answer(id, isNew: false, at: now), []) }
      return try change(id, at: now) { fleet throws(FleetRefusal) in try fleet.retry(id, code, at: now) }
    }
    if let reason = refusal(of: submission.job) { throw FleetRefusal(.full, reason) }
    if let code = submission.retrying { try Self.check(code) }
    let record = JobRecord(
      job: submission.job, priority: submission.priority, owner: submission.owner, submittedAt: date(of: now),
      retries: submission.retrying.map { [$0] } ?? [])
    let commands = [.journal(record)] + enqueue(record, at: now)
    return (try answer(id, isNew: true, at: now), commands)
  }

  private mutating func cancel(_ id: JobID, at now: MonotonicInstant) throws(FleetRefusal) -> (FleetAnswer, [Command]) {
    if let view = ended[id], view.phase == .cancelled { return (.job(view, isNew: false), []) }
    let isOpen = try find(id).isOpen
    // Its place is free once its store is closed.
    let close = isOpen ? closeStore(id, at: now) : []
    let commands = end(id, .cancelled, "", at: now) + close + [.log("job \(id) was cancelled")]
    guard let view = ended[id] else { throw FleetRefusal(.unavailable, "job \(id) is gone; list the jobs") }
    return (.job(view, isNew: false), commands)
  }

  private mutating func pause(_ id: JobID, at now: MonotonicInstant) -> [Command] {
    guard jobs[id]?.isPaused == false else { return [] }
    jobs[id]?.isPaused = true
    return journal(id) + [.log("job \(id) was paused")] + leaveIfIdle(id, at: now)
  }

  private mutating func resume(_ id: JobID, at now: MonotonicInstant) -> [Command] {
    guard jobs[id]?.isPaused == true else { return [] }
    jobs[id]?.isPaused = false
    startShare(id)
    return journal(id) + [.log("job \(id) was resumed")] + openJobs(at: now) + grantAll(at: now)
  }

  private mutating func retry(_ id: JobID, _ code: String, at now: MonotonicInstant) throws(FleetRefusal) -> [Command] {
    try Self.check(code)
    guard let retries = jobs[id]?.retries, !retries.contains(where: { $0.code == code }) else { return [] }
    guard retries.count < settings.maximumRetries else {
      throw FleetRefusal(.conflict, "\(retries.count) retries of job \(id) wait already; try again when they are done")
    }
    addRetry(code, to: id)
    return journal(id) + (jobs[id]?.stage == .running ? ask(id, at: now) : [])
  }

  private static func check(_ code: String) throws(FleetRefusal) {
    guard code.utf8.count > 64 else { return }
    throw FleetRefusal(.unknown, "no unit fails with a code of more than 64 bytes; take one that the failures show")
  }

  private mutating func drained(
    _ worker: InstanceID, at now: MonotonicInstant
  ) throws(FleetRefusal) -> (FleetAnswer, [Command]) {
    guard workers[worker] != nil else {
      throw FleetRefusal(.unknown, "there is no worker \(worker.rawValue); it may have left, list the workers")
    }
    let commands = draining.contains(worker) ? [] : drain(worker, at: now)
    guard let entry = workers[worker] else { throw FleetRefusal(.unknown, "the worker has left") }
    return (.worker(view(of: entry, worker, at: now)), commands)
  }

  /// Does something to a job that has not ended.
  private mutating func change(
    _ id: JobID, at now: MonotonicInstant, _ change: (inout Self) throws(FleetRefusal) -> [Command]
  ) throws(FleetRefusal) -> (FleetAnswer, [Command]) {
    _ = try find(id)
    let commands = try change(&self)
    return (try answer(id, isNew: false, at: now), commands)
  }

  private func find(_ id: JobID) throws(FleetRefusal) -> JobEntry {
    if let entry = jobs[id] { return entry }
    guard let view = ended[id] else {
      throw FleetRefusal(.unknown, "there is no job \(id); list the jobs, or submit it")
    }
    throw FleetRefusal(.conflict, "job \(id) has ended (\(view.phase.rawValue)); submit it again to go on with it")
  }

  private func answer(_ id: JobID, isNew: Bool, at now: MonotonicInstant) throws(FleetRefusal) -> FleetAnswer {
    let entry = try find(id)
    return .job(view(of: entry, problem: problem(of: entry, storageProblem(at: now)), at: now), isNew: isNew)
  }
}
