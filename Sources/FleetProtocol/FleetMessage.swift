import SonarModel
import SweepSpec

/// Every message of the fleet. `PROTOCOL.md` is their specification.
public enum FleetMessage: Hashable, Sendable {
  // Anyone to a coordinator or an aggregator.
  case hello(Hello)
  case heartbeat(Heartbeat)
  case goodbye

  // Coordinator or aggregator to anyone.
  case identify
  case refused(reason: String)

  // Worker to coordinator.
  case request(leases: Int)
  case computed(Computed)

  // Coordinator to worker.
  case welcome(Welcome)
  case job(JobPayload)
  case lease(LeaseGrant)
  case revoke(LeaseID)
  case forget(JobID)
  /// Nothing more will come: end as if told to stop.
  case dismiss(reason: String)

  // Worker to aggregator, and back.
  case records(RecordBatch)
  case acknowledge(Acknowledgement)

  // Coordinator to aggregator, and back.
  case open(JobPayload)
  case opened(OpenedJob)
  case committed(Committed)
  case quarantine(Quarantine)
  case retry(RetryOrder)
  case discarded(Discarded)
  case close(JobID)
  case closed(ClosedJob)
  case storage(StorageState)
  case measured(AggregatorMeasurements)

  // Client to coordinator, and back.
  case submit(JobPayload)
  case accepted(JobID)
  case rejected(reason: String)
  case statusRequest(JobID)
  case status(JobStatus)
}

public struct Hello: Hashable, Sendable {
  public enum Role: String, Sendable { case worker, aggregator, client }

  public var role: Role
  public var instance: InstanceID
  /// For people: host and process id.
  public var name: String
  /// A worker's model; empty for others and for a worker without one.
  public var model: String
  public var fingerprint: ModelFingerprint
  /// An aggregator's endpoint for records; empty for others.
  public var endpoint: String

  public init(
    role: Role, instance: InstanceID, name: String, model: String = "", fingerprint: ModelFingerprint = .none,
    endpoint: String = ""
  ) {
    self.role = role
    self.instance = instance
    self.name = name
    self.model = model
    self.fingerprint = fingerprint
    self.endpoint = endpoint
  }
}

public struct Heartbeat: Hashable, Sendable {
  /// The leases the worker still works on; they are renewed.
  public var leases: [LeaseID]
  /// How many leases the worker waits for: makes up for a request, or its answer, that got lost.
  public var wanted: Int

  public init(leases: [LeaseID] = [], wanted: Int = 0) {
    self.leases = leases
    self.wanted = wanted
  }
}

public struct Computed: Hashable, Sendable {
  public var lease: LeaseID
  public var units: UInt64
  /// Time the worker was busy for them.
  public var seconds: Double
  /// What the model did for them; empty where there is none.
  public var work: ModelWork

  public init(lease: LeaseID, units: UInt64, seconds: Double, work: ModelWork = .init()) {
    self.lease = lease
    self.units = units
    self.seconds = seconds
    self.work = work
  }
}

public struct Welcome: Hashable, Sendable {
  public var heartbeatSeconds: Double
  /// Where records go; empty while no aggregator has joined. Sent again when it changes.
  public var aggregator: String

  public init(heartbeatSeconds: Double, aggregator: String) {
    self.heartbeatSeconds = heartbeatSeconds
    self.aggregator = aggregator
  }
}

public struct LeaseGrant: Hashable, Sendable {
  public var lease: LeaseID
  public var job: JobID
  public var units: UnitRange
  /// How many times these units have been leased, this time included.
  public var attempt: Int

  public init(lease: LeaseID, job: JobID, units: UnitRange, attempt: Int) {
    self.lease = lease
    self.job = job
    self.units = units
    self.attempt = attempt
  }
}

public struct RecordBatch: Hashable, Sendable {
  public var batch: BatchID
  public var job: JobID
  public var fingerprint: ModelFingerprint
  public var records: [Record]

  public init(batch: BatchID, job: JobID, fingerprint: ModelFingerprint, records: [Record]) {
    self.batch = batch
    self.job = job
    self.fingerprint = fingerprint
    self.records = records
  }
}

public struct Acknowledgement: Hashable, Sendable {
  /// Batches whose records are committed.
  public var committed: [BatchID]
  /// Batches that were refused, and why; they will never be committed.
  public var refused: [BatchID: String]
  /// How many bytes of unacknowledged batches the worker may have sent.
  public var creditBytes: Int

  public init(committed: [BatchID], refused: [BatchID: String] = [:], creditBytes: Int) {
    self.committed = committed
    self.refused = refused
    self.creditBytes = creditBytes
  }
}

public struct OpenedJob: Hashable, Sendable {
  public var job: JobID
  public var committed: [UnitRange]
  public var counts: UnitCounts
  /// Why the store could not be opened; empty where it was.
  public var problem: String
  /// The number of the last `retry` of the job that was carried out; 0 where none was.
  public var retried: UInt64

  public init(
    job: JobID, committed: [UnitRange] = [], counts: UnitCounts = .init(), problem: String = "", retried: UInt64 = 0
  ) {
    self.job = job
    self.committed = committed
    self.counts = counts
    self.problem = problem
    self.retried = retried
  }
}

/// The store is not open: it was closed, or never was.
public struct ClosedJob: Hashable, Sendable {
  public var job: JobID
  /// All units are committed and the store was finished.
  public var isComplete: Bool

  public init(job: JobID, isComplete: Bool) {
    self.job = job
    self.isComplete = isComplete
  }
}

public struct Committed: Hashable, Sendable {
  public var job: JobID
  /// Units that are durable now, whether this commit made them so or one before.
  public var units: [UnitRange]
  /// Totals over the whole job.
  public var counts: UnitCounts

  public init(job: JobID, units: [UnitRange], counts: UnitCounts) {
    self.job = job
    self.units = units
    self.counts = counts
  }
}

/// Units that are given up: the aggregator commits a failed record for each.
public struct Quarantine: Hashable, Sendable {
  public var job: JobID
  public var units: [UnitRange]
  /// How often the units have been leased.
  public var attempt: Int
  /// Why, for people.
  public var reason: String

  public init(job: JobID, units: [UnitRange], attempt: Int, reason: String) {
    self.job = job
    self.units = units
    self.attempt = attempt
    self.reason = reason
  }
}

/// Units whose records the aggregator refused, so that they need not wait for their lease to run out.
public struct Discarded: Hashable, Sendable {
  public var job: JobID
  public var units: [UnitRange]
  /// The worker that sent the records.
  public var worker: InstanceID

  public init(job: JobID, units: [UnitRange], worker: InstanceID) {
    self.job = job
    self.units = units
    self.worker = worker
  }
}

/// Failed units that should be computed again: the aggregator puts them back and answers with `opened`.
public struct RetryOrder: Hashable, Sendable {
  public var job: JobID
  /// Only units that failed so; all where empty.
  public var code: String
  /// Not used before by any coordinator: an order that comes again is carried out once.
  public var number: UInt64

  public init(job: JobID, code: String = "", number: UInt64) {
    self.job = job
    self.code = code
    self.number = number
  }
}

public struct StorageState: Hashable, Sendable {
  /// Why nothing can be written; empty when it can.
  public var problem: String

  public init(problem: String) { self.problem = problem }
}

public struct JobStatus: Hashable, Sendable {
  public enum Phase: String, Sendable {
    /// Waits for the aggregator to open its store.
    case opening
    case running
    case done
    case failed
  }

  public var job: JobID
  public var phase: Phase
  public var units: UInt64
  public var counts: UnitCounts
  /// Committed units per second, over the last few seconds.
  public var rate: Double
  public var workers: Int
  public var leases: Int
  /// What keeps the job from going on, for people; empty where nothing does.
  public var problem: String

  public init(
    job: JobID, phase: Phase, units: UInt64, counts: UnitCounts, rate: Double, workers: Int, leases: Int,
    problem: String
  ) {
    self.job = job
    self.phase = phase
    self.units = units
    self.counts = counts
    self.rate = rate
    self.workers = workers
    self.leases = leases
    self.problem = problem
  }
}
