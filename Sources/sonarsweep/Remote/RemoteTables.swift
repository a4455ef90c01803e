import FleetClient
import Foundation
import TerminalView

/// A fleet's jobs and workers in tables.
enum RemoteTables {
  static func jobs(_ jobs: [RemoteJob]) {
    Output.table(
      ["job", "phase", "done", "units", "failed", "units/s", "left", "priority", "owner", "submitted"],
      jobs.map { job in
        [
          job.id, job.phase.rawValue, Words.percent(job.fraction), job.units.grouped, job.failed.grouped,
          job.phase.hasEnded ? "" : Words.rate(job.unitsPerSecond), job.secondsLeft.map(Words.time) ?? "",
          String(job.priority), job.owner, Words.local(job.submittedAt),
        ]
      })
    for job in jobs where !job.problem.isEmpty && job.phase != .paused { Output.note("\(job.id): \(job.problem)") }
  }

  /// One job, a row for everything there is to say.
  static func job(_ job: RemoteJob) {
    var rows = [
      ["phase", job.phase.rawValue],
      [
        "units",
        "\(job.units.grouped): \(job.done.grouped) done, \(job.failed.grouped) failed, \(job.skipped.grouped) skipped",
      ],
      ["committed", Words.percent(job.fraction)],
    ]
    if job.phase == .running {
      rows.append(["throughput", "\(Words.rate(job.unitsPerSecond)) units/s"])
      rows.append(["left", job.secondsLeft.map(Words.time) ?? "unknown"])
      rows.append(["workers", "\(job.workers), with \(job.leases) lease\(job.leases == 1 ? "" : "s")"])
    }
    rows += [
      ["kind", job.kind], ["model", "\(job.model), \(job.precision)"], ["priority", String(job.priority)],
      ["owner", job.owner], ["submitted", Words.local(job.submittedAt)],
      ["started", job.startedAt.map(Words.local) ?? ""], ["ended", job.endedAt.map(Words.local) ?? ""],
      ["problem", job.problem],
    ]
    Output.table(["job", job.id], rows.filter { !$0[1].isEmpty })
  }

  static func workers(_ workers: [RemoteWorker]) {
    Output.table(
      ["worker", "name", "model", "state", "units/s", "computed", "lease", "silent"],
      workers.map { worker in
        [
          worker.id, worker.name, worker.model, worker.state.rawValue,
          worker.unitsPerSecond.map { Words.rate($0) } ?? "", worker.unitsComputed.grouped, leases(worker),
          "\(Int(worker.secondsSilent)) s",
        ]
      })
  }

  /// What a worker holds, as `position-1a2b3c4d 0-128`.
  static func leases(_ worker: RemoteWorker) -> String {
    worker.leases.map { "\($0.job) \($0.first)-\($0.end)" }.joined(separator: ", ")
  }
}
