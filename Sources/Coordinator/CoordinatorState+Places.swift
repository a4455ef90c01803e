import FleetProtocol
import SonarModel
import SweepSpec

/// Whose turn it is to have a place among the open jobs, where there are more jobs than places: weighted fair queueing
/// (Demers, Keshav and Shenker, 1989), with turns in the place of packets.
///
/// A job keeps its virtual time while it waits, so that it is due the more the longer it waits. The next to be opened is
/// the one whose turn would end first, its turn being the same worker-seconds over its priority; an open job gives its
/// place up once it is ahead of where that turn would end. So jobs have the workers' time in the ratio of their priorities
/// over many turns, and however low its priority, a job's turn comes.
extension CoordinatorState {
  /// A job that waits for a place.
  private struct Waiting {
    let id: JobID
    let model: ModelFingerprint
    let canRun: Bool
    /// Workers that hold its model have no open job.
    let isNeeded: Bool
    /// Where its turn would end, from where those it competes with are.
    let finish: Double
    /// When it last got a place, or was submitted.
    let since: MonotonicInstant

    func comes(before other: Self) -> Bool {
      if canRun != other.canRun { return canRun }
      if isNeeded != other.isNeeded { return isNeeded }
      // Virtual times of different models say nothing about each other.
      return isNeeded && model != other.model ? since < other.since : finish < other.finish
    }
  }

  /// The job to be opened next: one that workers can run before others.
  func nextToOpen() -> JobID? {
    var next: Waiting?
    for waiting in firstWaiting() where next.map(waiting.comes(before:)) ?? true { next = waiting }
    return next?.id
  }

  /// Of the jobs that wait, the first of each model.
  private func firstWaiting() -> [Waiting] {
    guard open.count < queue.count else { return [] }
    let served = Set(open.compactMap { jobs[$0]?.isLeaving == false ? jobs[$0]?.fingerprint : nil })
    let turn = turn
    var first: [Waiting] = []
    for id in queue where closing[id] == nil {
      guard let entry = jobs[id], !entry.isOpen, !entry.isPaused else { continue }
      let model = entry.fingerprint
      let waiting = Waiting(
        id: id, model: model, canRun: canRun(model),
        isNeeded: served.isEmpty || !served.contains(.none) && model != .none && !served.contains(model),
        finish: lead(of: entry) + turn / Double(entry.priority.rawValue), since: entry.placedAt)
      guard let place = first.firstIndex(where: { $0.model == model }) else {
        first.append(waiting)
        continue
      }
      if waiting.finish < first[place].finish { first[place] = waiting }
    }
    return first
  }

  /// Worker-seconds of a turn.
  private var turn: Double {
    settings.turn.seconds * Double(max(workers.count, 1)) / Double(max(settings.maximumOpenJobs, 1))
  }

  /// Has one job give its place up, where another is to have it.
  mutating func chooseYielding(at now: MonotonicInstant) {
    let isFull = open.count + closing.count >= settings.maximumOpenJobs
    let waiting = isFull ? firstWaiting().filter(\.canRun) : []
    if waiting.isEmpty {
      // Whoever it was for has gone, or has a place: as long as its store is not being closed, the job keeps its own.
      for id in open where jobs[id]?.stage == .running { jobs[id]?.isYielding = false }
      return
    }
    guard !open.contains(where: { jobs[$0]?.isLeaving == true || jobs[$0]?.stage == .closing }) else { return }
    // Where workers have nothing to do, whoever has had a place for long enough makes room; else whoever is ahead.
    let isNeeded = waiting.contains(where: \.isNeeded)
    var first: (id: JobID, claim: Double)?
    for id in open {
      guard let entry = jobs[id], entry.stage == .running, entry.table?.isComplete == false else { continue }
      let lead = canRun(entry.fingerprint) ? lead(of: entry) : .infinity
      guard waiting.contains(where: { mayHave($0, placeOf: entry, lead, at: now) }) else { continue }
      let claim = isNeeded && lead < .infinity ? (now - entry.placedAt).seconds : lead
      if claim > first?.claim ?? -.infinity { first = (id, claim) }
    }
    if let first { jobs[first.id]?.isYielding = true }
  }

  private func mayHave(
    _ next: Waiting, placeOf entry: JobEntry, _ lead: Double, at now: MonotonicInstant
  ) -> Bool {
    if lead == .infinity { return true }
    let model = entry.fingerprint
    // Jobs of different models do not compete for workers, only for places: none is left without for long.
    guard next.isNeeded else {
      return lead >= next.finish && (model == next.model || model == .none || next.model == .none)
    }
    return now - entry.placedAt >= settings.turn
      || open.contains { $0 != entry.job.id && jobs[$0]?.fingerprint == model }
  }
}
