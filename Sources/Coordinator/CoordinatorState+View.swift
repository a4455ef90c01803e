import FleetProtocol
import Foundation
import SweepSpec

/// What people see.
extension CoordinatorState {
  func date(of instant: MonotonicInstant) -> Date { epoch.addingTimeInterval(instant.sinceStart.seconds) }

  func view(at now: MonotonicInstant, wall: Date) -> FleetView {
    let storage = storageProblem(at: now)
    let leases = leasesByWorker(at: now)
    return FleetView(
      at: wall,
      jobs: queue.compactMap { id in jobs[id].map { view(of: $0, problem: problem(of: $0, storage), at: now) } }
        + ended.all,
      workers: workers.map { view(of: $1, leases[$0] ?? [], at: now) }.sorted {
        ($0.name, $0.id.rawValue) < ($1.name, $1.id.rawValue)
      },
      aggregator: aggregatorView(at: now), problem: storage, unitsPerSecond: throughput.unitsPerSecond(at: now),
      throughput: throughput.samples.map { ThroughputSample(at: date(of: $0.at), unitsPerSecond: $0.unitsPerSecond) })
  }

  func view(of entry: JobEntry, problem: String, at now: MonotonicInstant) -> JobView {
    let rate = entry.stage == .running ? entry.rate.unitsPerSecond(at: now) : 0
    let remaining = entry.job.sweep.unitCount - min(entry.counts.total, entry.job.sweep.unitCount)
    return JobView(
      id: entry.job.id, name: entry.job.spec.name, kind: entry.kind, model: entry.job.spec.model.name,
      precision: entry.job.spec.model.precisionName, phase: entry.phase, priority: entry.priority, owner: entry.owner,
      submittedAt: entry.submittedAt, startedAt: entry.startedAt, endedAt: nil, units: entry.job.sweep.unitCount,
      counts: entry.counts, unitsPerSecond: rate, secondsLeft: rate > 0 ? Double(remaining) / rate : nil,
      workers: entry.table?.workerCount ?? 0, leases: entry.table?.leases.count ?? 0, problem: problem)
  }

  func view(of entry: WorkerEntry, _ id: InstanceID, at now: MonotonicInstant) -> WorkerView {
    view(of: entry, leasesByWorker(at: now)[id] ?? [], at: now)
  }

  private func view(of entry: WorkerEntry, _ leases: [WorkerView.Lease], at now: MonotonicInstant) -> WorkerView {
    WorkerView(
      id: entry.hello.instance, name: entry.hello.name, model: entry.hello.model, fingerprint: entry.hello.fingerprint,
      state: entry.isDraining ? .draining : leases.isEmpty ? .idle : .working, joinedAt: date(of: entry.joinedAt),
      secondsSilent: (now - entry.lastSeen).seconds, leases: leases.sorted { $0.lease < $1.lease },
      unitsPerSecond: entry.speed.unitsPerSecond, unitsComputed: entry.unitsComputed)
  }

  private func leasesByWorker(at now: MonotonicInstant) -> [InstanceID: [WorkerView.Lease]] {
    var leases: [InstanceID: [WorkerView.Lease]] = [:]
    for id in open {
      for lease in (jobs[id]?.table?.leases ?? [:]).values {
        leases[lease.worker, default: []].append(
          WorkerView.Lease(
            lease: lease.id, job: id, units: lease.granted, remaining: lease.units.count, attempt: lease.attempt,
            age: (now - lease.grantedAt).seconds, secondsLeft: (lease.deadline - now).seconds))
      }
    }
    return leases
  }
}

extension CoordinatorState.JobEntry {
  var phase: JobView.Phase {
    if isPaused { return .paused }
    switch stage {
    case .queued: return .queued
    case .opening, .closing: return .opening
    case .running: return .running
    }
  }
}
