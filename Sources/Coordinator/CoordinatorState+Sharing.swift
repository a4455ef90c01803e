import FleetProtocol
import SonarModel
import SweepSpec

/// How jobs share the workers' time: in the ratio of their priorities (`FairShare`).
extension CoordinatorState {
  /// The job whose turn it is, of those with units that the worker can compute.
  func nextJob(for worker: Hello) -> JobID? {
    var best: (id: JobID, virtualTime: Double)?
    for id in open {
      guard let entry = jobs[id], entry.hasWaitingUnits, Self.canRun(entry.job.spec, worker) else { continue }
      if entry.share.virtualTime < best?.virtualTime ?? .infinity { best = (id, entry.share.virtualTime) }
    }
    return best?.id
  }

  /// Charges the job for a lease and returns what: the worker-seconds it is expected to take.
  mutating func charge(_ job: JobID, units: UInt64, of worker: InstanceID) -> Double {
    guard let entry = jobs[job] else { return 0 }
    let seconds: Double =
      if let rate = workers[worker]?.sizers[job]?.unitsPerSecond {
        Double(units) / max(rate, 1e-9)
      } else if let perUnit = entry.share.secondsPerUnit {
        Double(units) * perUnit
      } else {
        ShardSizer.target
      }
    jobs[job]?.share.charge(seconds, entry.priority)
    return seconds
  }

  /// Takes what a lease did cost.
  mutating func take(_ computed: Computed, from worker: InstanceID, at now: MonotonicInstant) {
    guard let grant = workers[worker]?.grants.removeValue(forKey: computed.lease) else { return }
    // A worker cannot have been busy with a lease for longer than it has had it.
    let held = (now - grant.at).seconds
    let seconds = computed.seconds.isFinite ? min(max(computed.seconds, 0), held) : held
    let units = min(computed.units, grant.units)
    workers[worker]?.sizers[grant.job, default: ShardSizer()].observe(units: units, seconds: seconds)
    workers[worker]?.unitsComputed += units
    workers[worker]?.speed.observe(units: units, seconds: seconds)
    jobs[grant.job]?.table?.markComputed(computed.lease, of: worker, until: now + settings.commit)
    jobs[grant.job]?.share.correct(charged: grant.charge, cost: seconds, units: units, grant.priority)
  }

  /// A job of the model's workers is served: jobs that come to compete with it begin there.
  mutating func turnClock(of model: ModelFingerprint, to job: JobID) {
    guard let time = jobs[job]?.share.virtualTime else { return }
    clocks[model] = max(clocks[model] ?? 0, time)
  }

  /// Where those are whom the job competes with.
  private func clock(for model: ModelFingerprint) -> Double {
    // Jobs of another model have other workers, whose time says nothing here. A job that any worker can compute goes by
    // the furthest: it must not take the time of jobs that were served more.
    (model == .none ? clocks.values.max() : clocks[model]) ?? 0
  }

  /// How far the job is ahead of them, in virtual time; negative where it is due time.
  func lead(of entry: JobEntry) -> Double { entry.share.virtualTime - clock(for: entry.fingerprint) }

  /// The job waits for workers from now on, and did not before.
  mutating func startShare(_ id: JobID) {
    guard let model = jobs[id]?.fingerprint else { return }
    let clock = clock(for: model)
    jobs[id]?.share.start(at: clock)
  }

  /// Forgets the clocks of models that nobody computes with and no job waits for.
  mutating func forgetIdleClocks() {
    guard clocks.count > models.count else { return }
    let wanted = Set(jobs.values.map(\.fingerprint))
    if wanted.contains(.none) { return }
    clocks = clocks.filter { models[$0.key] != nil || wanted.contains($0.key) }
  }
}
