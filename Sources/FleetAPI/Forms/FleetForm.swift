import Coordinator
import Foundation
import SweepSpec

/// The fleet at a glance: `Fleet` of the OpenAPI document.
struct FleetForm: Encodable, Hashable {
  struct Aggregator: Encodable, Hashable {
    let name: String
    let secondsSilent: Double
    let problem: String
    let pendingBytes, diskFreeBytes, diskSizeBytes: UInt64
  }

  struct Sample: Encodable, Hashable {
    let at: Date
    let unitsPerSecond: Double
  }

  let version: String
  let at: Date
  let problem: String
  let unitsPerSecond: Double
  let secondsLeft: OrNull<Double>
  /// Phases and states as their own names, which are lower case.
  let jobs, workers: [String: Int]
  let aggregator: OrNull<Aggregator>
  let throughput: [Sample]

  init(_ view: FleetView, version: String) {
    (self.version, at, problem, unitsPerSecond) = (version, view.at, view.problem, max(0, view.unitsPerSecond))
    secondsLeft = OrNull(Self.secondsLeft(view))
    var jobs: [String: Int] = [:]
    for phase in JobView.Phase.allCases { jobs[phase.rawValue] = 0 }
    for job in view.jobs { jobs[job.phase.rawValue, default: 0] += 1 }
    var workers = ["idle": 0, "working": 0, "draining": 0]
    for worker in view.workers { workers[worker.state.rawValue, default: 0] += 1 }
    (self.jobs, self.workers) = (jobs, workers)
    aggregator = OrNull(
      view.aggregator.map {
        Aggregator(
          name: $0.name, secondsSilent: max(0, $0.secondsSilent), problem: $0.problem, pendingBytes: $0.pendingBytes,
          diskFreeBytes: $0.diskFreeBytes, diskSizeBytes: $0.diskSizeBytes)
      })
    throughput = view.throughput.map { Sample(at: $0.at, unitsPerSecond: max(0, $0.unitsPerSecond)) }
  }

  /// For all units that are queued or running, at this speed; nil where nothing moves.
  private static func secondsLeft(_ view: FleetView) -> Double? {
    let left = view.jobs.filter { !$0.phase.hasEnded && $0.phase != .paused }.reduce(0.0) { sum, job in
      sum + Double(job.units - min(job.units, job.counts.total))
    }
    if left == 0 { return 0 }
    return view.unitsPerSecond > 0 ? left / view.unitsPerSecond : nil
  }
}

/// Whether something works.
struct HealthForm: Encodable {
  let status, problem: String

  init(problem: String) { (status, self.problem) = (problem.isEmpty ? "ok" : "failing", problem) }
}
