import FleetProtocol
import SonarModel
import SweepSpec

/// A compute thread without a model: which units it works on next, as `ComputeLoop` and `UnitComputer` would.
struct SimulatedCompute {
  private struct Task {
    let grant: LeaseGrant
    var next: UnitIndex
    var seconds = 0.0
  }

  /// Units computed in one step, and so sent in one batch.
  private static let stepUnits: UInt64 = 4

  private var jobs: [JobID: Job] = [:]
  private var tasks: [Task] = []
  private var hasRequested = false
  private var nextBatch: UInt64 = 1
  private var isEnding = false
  let instance: InstanceID
  let isCorrupt: Bool

  init(instance: InstanceID, isCorrupt: Bool) {
    self.instance = instance
    self.isCorrupt = isCorrupt
  }

  /// Takes a message from the I/O thread.
  mutating func receive(_ message: FleetMessage) throws {
    switch message {
    case .job(let payload): jobs[payload.job] = try payload.makeJob()
    case .lease(let grant):
      hasRequested = false
      if jobs[grant.job] != nil { tasks.append(Task(grant: grant, next: grant.units.lowerBound)) }
    case .revoke(let lease): tasks.removeAll { $0.grant.lease == lease }
    case .forget(let job):
      jobs[job] = nil
      tasks.removeAll { $0.grant.job == job }
    case .identify: hasRequested = false
    case .goodbye:
      isEnding = true
      tasks = []
    default: break
    }
  }

  /// The request it would send now.
  mutating func request() -> FleetMessage? {
    guard !isEnding, !hasRequested, tasks.count < 2 else { return nil }
    hasRequested = true
    return .request(leases: 1)
  }

  /// The job of the next step.
  var job: JobID? { tasks.first?.grant.job }

  /// The units of the next step; empty where there is nothing to do.
  var nextUnits: UnitRange {
    guard let task = tasks.first else { return 0..<0 }
    return task.next..<min(task.next + Self.stepUnits, task.grant.units.upperBound)
  }

  /// Makes the records of the next step, and says whether a lease is computed.
  mutating func step(seconds: Double) -> (batch: RecordBatch, computed: Computed?)? {
    let units = nextUnits
    guard let task = tasks.first, let job = jobs[task.grant.job], !units.isEmpty else { return nil }
    let records = units.map { unit in
      let embedding = isCorrupt ? [Float.nan] : Self.embedding(of: unit, job)
      return Record(
        unit: unit, outcome: .done(embedding: embedding, decodes: []), attempt: task.grant.attempt, seconds: seconds)
    }
    let batch = RecordBatch(
      batch: BatchID(rawValue: nextBatch), job: job.id, fingerprint: job.spec.model.fingerprint, records: records)
    nextBatch += 1
    tasks[0].next = units.upperBound
    tasks[0].seconds += seconds
    guard units.upperBound == task.grant.units.upperBound else { return (batch, nil) }
    let spent = tasks.removeFirst().seconds
    let computed = Computed(lease: task.grant.lease, units: task.grant.units.size, seconds: spent)
    return (batch, computed)
  }

  static func embedding(of unit: UnitIndex, _ job: Job) -> [Float] {
    (0..<job.spec.model.dim).map { Float((unit + UInt64($0)) % 65_536) }
  }
}
