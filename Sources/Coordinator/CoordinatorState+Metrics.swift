import FleetProtocol
import FleetSecurity
import Foundation
import Monitoring
import SweepSpec

/// What Prometheus is told of the fleet. `monitoring/README.md` lists the metrics.
extension CoordinatorState {
  /// The fleet with its metrics.
  ///
  /// - Parameter refused: what was refused at the coordinator's own socket.
  package func view(at now: MonotonicInstant, wall: Date, refused: RefusalCounts) -> FleetView {
    var view = view(at: now, wall: wall)
    view.metrics = families(of: view, refused: refused, at: now)
    return view
  }

  private func families(of view: FleetView, refused: RefusalCounts, at now: MonotonicInstant) -> [MetricFamily] {
    jobFamilies(view, at: now) + workerFamilies(view) + engineFamilies + aggregatorFamilies(view)
      + [refusals(refused)]
  }

  private func jobFamilies(_ view: FleetView, at now: MonotonicInstant) -> [MetricFamily] {
    var phases: [JobView.Phase: Int] = [:]
    for job in view.jobs { phases[job.phase, default: 0] += 1 }
    let open = view.jobs.filter { [.opening, .running, .paused].contains($0.phase) }
    let backlog = view.jobs.filter { !$0.phase.hasEnded && $0.phase != .paused }.reduce(0.0) { $0 + $1.remaining }
    let committed = metrics.committed
    let lastCommit = metrics.lastCommit.map { view.at.timeIntervalSince1970 - (now - $0).seconds }
    return [
      MetricFamily(
        "sonarsweep_jobs", .gauge, help: "Jobs by phase; of those that have ended, the last ones.",
        JobView.Phase.allCases.map { .init(["phase": $0.rawValue], Double(phases[$0] ?? 0)) }),
      MetricFamily(
        "sonarsweep_jobs_ended_total", .counter, help: "Jobs that have ended, by how.",
        JobView.Phase.allCases.filter(\.hasEnded).map {
          .init(["phase": $0.rawValue], Double(metrics.jobsEnded[$0] ?? 0))
        }),
      MetricFamily(
        "sonarsweep_job_units", .gauge, help: "Units of each open job, by status; remaining ones are not committed.",
        open.flatMap(\.unitSamples)),
      MetricFamily(
        "sonarsweep_units_committed_total", .counter, help: "Units that became durable, by status.",
        [
          .init(["status": "done"], Double(committed.done)), .init(["status": "failed"], Double(committed.failed)),
          .init(["status": "skipped"], Double(committed.skipped)),
        ]),
      MetricFamily(
        "sonarsweep_units_remaining", .gauge,
        help: "Units that wait for workers or are with them, of all jobs that may go on.",
        [.init(backlog)]),
      MetricFamily(
        "sonarsweep_units_quarantined_total", .counter, help: "Units given up because their workers died of them.",
        [.init(Double(metrics.quarantined))]),
      MetricFamily(
        "sonarsweep_last_commit_timestamp_seconds", .gauge,
        help: "When units last became durable, in Unix time; none before the first time.",
        lastCommit.map { [.init($0)] } ?? []),
    ]
  }

  private func workerFamilies(_ view: FleetView) -> [MetricFamily] {
    var states: [WorkerView.State: Int] = [:]
    for worker in view.workers { states[worker.state, default: 0] += 1 }
    return [
      MetricFamily(
        "sonarsweep_workers", .gauge, help: "Workers that are there, by state.",
        [WorkerView.State.idle, .working, .draining].map { .init(["state": $0.rawValue], Double(states[$0] ?? 0)) }),
      MetricFamily(
        "sonarsweep_workers_lost_total", .counter, help: "Workers that fell silent without a goodbye.",
        [.init(Double(metrics.workersLost))]),
      MetricFamily(
        "sonarsweep_leases", .gauge, help: "Leases that workers hold or whose records wait for their commit.",
        [.init(Double(view.jobs.reduce(0) { $0 + $1.leases }))]),
      MetricFamily(
        "sonarsweep_leases_expired_total", .counter,
        help: "Leases that were not renewed, or not committed in time, though their workers are there.",
        [.init(Double(metrics.leasesExpired))]),
    ]
  }

  private var engineFamilies: [MetricFamily] {
    [
      MetricFamily(
        "sonarsweep_shard_duration_seconds", .histogram, help: "Seconds a worker was busy for a shard.",
        [.init([:], metrics.shardSeconds)]),
      MetricFamily(
        "sonarsweep_encode_tokens_per_second", .histogram, help: "Encoder's tokens per second of its time, by shard.",
        [.init([:], metrics.encodeRate)]),
      MetricFamily(
        "sonarsweep_decode_tokens_per_second", .histogram,
        help: "Decoder's tokens per second of its time, over all sequences in flight, by shard.",
        [.init([:], metrics.decodeRate)]),
      MetricFamily(
        "sonarsweep_encoded_tokens_total", .counter, help: "Tokens that workers encoded.",
        [.init(metrics.encodedTokens)]),
      MetricFamily(
        "sonarsweep_decoded_tokens_total", .counter, help: "Tokens that workers decoded, over all hypotheses.",
        [.init(metrics.decodedTokens)]),
    ]
  }

  private func aggregatorFamilies(_ view: FleetView) -> [MetricFamily] {
    let aggregator = view.aggregator
    let isUp = aggregator.map { $0.secondsSilent <= settings.lease.seconds } ?? false
    // One that has measured nothing yet has no numbers.
    let measured = aggregator.flatMap { $0.diskSizeBytes > 0 ? $0 : nil }
    return [
      MetricFamily(
        "sonarsweep_aggregator_up", .gauge, help: "Whether an aggregator is there and was heard of lately.",
        [.init(isUp ? 1 : 0)]),
      MetricFamily(
        "sonarsweep_storage_problem", .gauge, help: "Whether the aggregator says that it cannot write.",
        [.init(view.aggregator?.problem.isEmpty == false ? 1 : 0)]),
      MetricFamily(
        "sonarsweep_aggregator_pending_bytes", .gauge,
        help: "The most bytes of records that waited for a commit at a time, in the last second.",
        aggregator.map { [.init(Double($0.pendingBytes))] } ?? []),
      MetricFamily(
        "sonarsweep_results_free_bytes", .gauge, help: "Free bytes of the file system the results are on.",
        measured.map { [.init(Double($0.diskFreeBytes))] } ?? []),
      MetricFamily(
        "sonarsweep_results_size_bytes", .gauge, help: "Size of the file system the results are on.",
        measured.map { [.init(Double($0.diskSizeBytes))] } ?? []),
      MetricFamily(
        "sonarsweep_commit_duration_seconds", .histogram,
        help: "Seconds from the decision to commit to the records' being durable.",
        [.init([:], metrics.commitSeconds)]),
    ]
  }

  /// Reasons others name are left out where they are none.
  private func refusals(_ own: RefusalCounts) -> MetricFamily {
    let counts = [("coordinator", own.byReason), ("aggregator", metrics.refusedByAggregator)]
    return MetricFamily(
      "sonarsweep_refused_total", .counter, help: "Handshakes and messages refused at the fleet's ZeroMQ sockets.",
      counts.flatMap { socket, counts in
        RefusalCounts.reasons.map { .init(["socket": socket, "reason": $0], Double(counts[$0] ?? 0)) }
      })
  }

  /// The aggregator, for people.
  func aggregatorView(at now: MonotonicInstant) -> AggregatorView? {
    aggregator.map {
      AggregatorView(
        name: $0.hello.name, secondsSilent: (now - $0.lastSeen).seconds, problem: $0.problem,
        pendingBytes: $0.measurements.pendingBytes, diskFreeBytes: $0.measurements.diskFreeBytes,
        diskSizeBytes: $0.measurements.diskSizeBytes)
    }
  }

  mutating func take(_ measurements: AggregatorMeasurements) {
    aggregator?.measurements = measurements
    metrics.observe(measurements)
  }
}

extension JobView {
  fileprivate var remaining: Double { Double(units - min(units, counts.total)) }

  /// The label is not `job`: Prometheus keeps that for what it scrapes.
  fileprivate var unitSamples: [MetricFamily.Sample] {
    [
      .init(["job_id": id.rawValue, "status": "done"], Double(counts.done)),
      .init(["job_id": id.rawValue, "status": "failed"], Double(counts.failed)),
      .init(["job_id": id.rawValue, "status": "skipped"], Double(counts.skipped)),
      .init(["job_id": id.rawValue, "status": "remaining"], remaining),
    ]
  }
}
