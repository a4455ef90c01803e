import FleetProtocol
import SweepSpec

/// How the jobs that ended last ended.
struct EndedJobs {
  private var statuses: [JobID: JobStatus] = [:]
  private var order: [JobID] = []

  subscript(id: JobID) -> JobStatus? { statuses[id] }

  mutating func add(_ status: JobStatus, keeping limit: Int) {
    forget(status.job)
    statuses[status.job] = status
    order.append(status.job)
    if order.count > limit { statuses[order.removeFirst()] = nil }
  }

  mutating func forget(_ id: JobID) { if statuses.removeValue(forKey: id) != nil { order.removeAll { $0 == id } } }
}
