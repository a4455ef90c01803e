import Coordinator
import Foundation
import SweepSpec

/// A job as the interface shows it: `Job` of the OpenAPI document.
struct JobForm: Encodable, Hashable {
  let id, name, kind, model, precision, phase: String
  let priority: Int
  let owner: String
  let submittedAt: Date
  let startedAt, endedAt: OrNull<Date>
  let units, done, failed, skipped, committed: UInt64
  let unitsPerSecond: Double
  let secondsLeft: OrNull<Double>
  let workers, leases: Int
  let problem: String

  init(_ view: JobView) {
    (id, name, kind, model, precision) = (view.id.rawValue, view.name, view.kind, view.model, view.precision)
    (phase, priority, owner) = (view.phase.rawValue, view.priority.rawValue, view.owner)
    (submittedAt, startedAt, endedAt) = (view.submittedAt, OrNull(view.startedAt), OrNull(view.endedAt))
    (units, done, failed, skipped) = (view.units, view.counts.done, view.counts.failed, view.counts.skipped)
    committed = view.counts.total
    unitsPerSecond = max(0, view.unitsPerSecond)
    secondsLeft = OrNull(view.secondsLeft.flatMap { $0.isFinite ? max(0, $0) : nil })
    (workers, leases, problem) = (view.workers, view.leases, view.problem)
  }
}

/// A page of jobs.
struct JobsForm: Encodable {
  let jobs: [JobForm]
  let total: Int
  let next: OrNull<String>
}
