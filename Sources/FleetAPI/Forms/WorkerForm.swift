import Coordinator
import FleetProtocol
import Foundation
import SonarModel
import SweepSpec

/// A worker as the interface shows it: `Worker` of the OpenAPI document.
struct WorkerForm: Encodable, Hashable {
  struct Lease: Encodable, Hashable {
    let lease: UInt64
    let job: String
    let first, end, remaining: UInt64
    let attempt: Int
    let ageSeconds, secondsLeft: Double
  }

  let id, name, model, fingerprint, state: String
  let joinedAt: Date
  let secondsSilent: Double
  let leases: [Lease]
  let unitsPerSecond: OrNull<Double>
  let unitsComputed: UInt64

  init(_ view: WorkerView) {
    (id, name, model) = (view.id.rawValue, view.name, view.model)
    (fingerprint, state, joinedAt) = (view.fingerprint.rawValue, view.state.rawValue, view.joinedAt)
    secondsSilent = max(0, view.secondsSilent)
    leases = view.leases.map { lease in
      Lease(
        lease: lease.lease.rawValue, job: lease.job.rawValue, first: lease.units.lowerBound,
        end: lease.units.upperBound,
        remaining: lease.remaining, attempt: lease.attempt, ageSeconds: max(0, lease.age),
        secondsLeft: lease.secondsLeft)
    }
    (unitsPerSecond, unitsComputed) = (OrNull(view.unitsPerSecond), view.unitsComputed)
  }
}

/// All workers.
struct WorkersForm: Encodable {
  let workers: [WorkerForm]

  init(_ view: FleetView) { workers = view.workers.map { WorkerForm($0) } }
}
