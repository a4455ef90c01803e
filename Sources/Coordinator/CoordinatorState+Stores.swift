import FleetProtocol
import SonarModel
import SweepSpec

/// Whose stores are open: of many jobs only some at a time, so that the aggregator's memory and files stay bounded.
extension CoordinatorState {
  /// Opens what waits, as far as there is room.
  mutating func openJobs(at now: MonotonicInstant) -> [Command] {
    guard aggregator != nil else { return [] }
    var commands: [Command] = []
    while open.count + closing.count < settings.maximumOpenJobs, let id = nextToOpen() {
      jobs[id]?.stage = .opening
      jobs[id]?.isYielding = false
      jobs[id]?.placedAt = now
      open.append(id)
      commands += ask(id, at: now)
    }
    return commands
  }

  /// Closes the stores of open jobs that are paused, or whose turn is over while others wait.
  mutating func leaveOpenJobs(at now: MonotonicInstant) -> [Command] {
    chooseYielding(at: now)
    return open.flatMap { leaveIfIdle($0, at: now) }
  }

  /// Asks for the store of a job that leaves to be closed, once its last lease has ended.
  mutating func leaveIfIdle(_ id: JobID, at now: MonotonicInstant) -> [Command] {
    guard let entry = jobs[id], entry.isLeaving, entry.stage == .running, entry.retries.isEmpty, !entry.isOutOfStep,
      let table = entry.table, table.leases.isEmpty, table.quarantined.isEmpty, !table.isComplete
    else { return [] }
    jobs[id]?.stage = .closing
    return ask(id, at: now)
  }

  /// The store is not open.
  mutating func takeIn(_ closed: ClosedJob, at now: MonotonicInstant) -> [Command] {
    if closing.removeValue(forKey: closed.job) != nil { return openJobs(at: now) }
    guard let entry = jobs[closed.job] else { return [] }
    switch entry.stage {
    case .queued, .opening: return []
    case .closing, .running:
      if closed.isComplete, entry.table?.isComplete == true, entry.retries.isEmpty {
        return finish(closed.job, at: now)
      }
      if entry.stage == .closing { return backToQueue(closed.job, at: now) + openJobs(at: now) }
      // Not what was asked for; what is committed is for the store to say.
      jobs[closed.job]?.stage = .opening
      return ask(closed.job, at: now)
    }
  }

  private mutating func backToQueue(_ id: JobID, at now: MonotonicInstant) -> [Command] {
    open.removeAll { $0 == id }
    jobs[id]?.stage = .queued
    jobs[id]?.isYielding = false
    jobs[id]?.table = nil
    jobs[id]?.askedAt = nil
    var commands: [Command] = []
    for (worker, entry) in inOrder(workers.filter { $0.value.jobs.contains(id) }) {
      workers[worker]?.jobs.remove(id)
      commands.append(.send(.forget(id), to: entry.peer))
    }
    return commands
  }

  /// Asks for the store of a job that has ended to be closed.
  mutating func closeStore(_ id: JobID, at now: MonotonicInstant) -> [Command] {
    guard let aggregator else { return [] }
    closing[id] = now
    return [.send(.close(id), to: aggregator.peer)]
  }

  /// A store that nobody needs: a former coordinator's, or one whose opening was overtaken by events.
  mutating func closeStray(_ opened: OpenedJob, at now: MonotonicInstant) -> [Command] {
    guard opened.problem.isEmpty, closing[opened.job] == nil, closing.count < settings.maximumJobs else { return [] }
    return closeStore(opened.job, at: now)
  }

  mutating func remindOfClosing(_ aggregator: AggregatorEntry, at now: MonotonicInstant) -> [Command] {
    var commands: [Command] = []
    for (id, askedAt) in closing.sorted(by: { $0.key.rawValue < $1.key.rawValue })
    where now - askedAt >= settings.repeatAfter && aggregator.lastSeen > askedAt {
      commands += closeStore(id, at: now)
    }
    return commands
  }

  /// What is durable is for the store to say: every open job is opened again.
  mutating func openAgain(atAnother isAnother: Bool, at now: MonotonicInstant) -> [Command] {
    var commands: [Command] = []
    if isAnother { closing = [:] }
    for id in closing.keys.sorted(by: { $0.rawValue < $1.rawValue }) { commands += closeStore(id, at: now) }
    for id in open {
      if jobs[id]?.stage == .closing {
        commands += isAnother ? backToQueue(id, at: now) : ask(id, at: now)
      } else {
        jobs[id]?.stage = .opening
        commands += ask(id, at: now)
      }
    }
    return commands + openJobs(at: now)
  }
}
