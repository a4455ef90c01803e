import FleetProtocol
import Foundation
import SweepSpec

/// What people ask for, and what they see.
extension CoordinatorState {
  mutating func answer(_ request: FleetRequest, at now: MonotonicInstant) -> (FleetAnswer, [Command]) {
    switch request {
    case .submit(let submission):
      let id = submission.job.id
      let isNew = jobs[id] == nil
      let commands = isNew ? enqueue(submission.job, at: now) : []
      guard let view = jobs[id].map({ view(of: $0, at: now, wall: .now) }) else {
        return (.refused(FleetRefusal(.unavailable, "the job is gone")), commands)
      }
      return (.job(view, isNew: isNew), commands)
    default: return (.refused(FleetRefusal(.unavailable, "not built yet")), [])
    }
  }

  func view(at now: MonotonicInstant, wall: Date) -> FleetView {
    FleetView(
      at: wall, jobs: queue.compactMap { jobs[$0].map { view(of: $0, at: now, wall: wall) } },
      workers: inOrder(workers).map { view(of: $0.value, at: now, wall: wall) }, aggregator: aggregatorView(at: now),
      problem: storageProblem(at: now))
  }

  private func view(of entry: JobEntry, at now: MonotonicInstant, wall: Date) -> JobView {
    JobView(
      id: entry.job.id, name: entry.job.spec.name, kind: "", model: entry.job.spec.model.name,
      precision: entry.job.spec.model.precisionName, phase: entry.phase == .running ? .running : .opening,
      priority: .normal, owner: "", submittedAt: wall, units: entry.job.sweep.unitCount, counts: entry.counts,
      unitsPerSecond: entry.rate.unitsPerSecond(at: now), workers: 0, leases: entry.table?.leases.count ?? 0,
      problem: "")
  }

  private func view(of entry: WorkerEntry, at now: MonotonicInstant, wall: Date) -> WorkerView {
    WorkerView(
      id: entry.hello.instance, name: entry.hello.name, model: entry.hello.model, fingerprint: entry.hello.fingerprint,
      state: .idle, joinedAt: wall, secondsSilent: (now - entry.lastSeen).seconds, leases: [],
      unitsPerSecond: entry.sizer.unitsPerSecond, unitsComputed: 0)
  }
}
