import FleetProtocol
import Foundation
import SonarModel
import SweepSpec

/// What the coordinator knows of each worker, of the aggregator and of each job.
extension CoordinatorState {
  /// A lease as its worker will account for it, until it is computed.
  struct Grant {
    let job: JobID
    let units: UInt64
    let at: MonotonicInstant
    /// Worker-seconds the job was charged, at which priority.
    let charge: Double
    let priority: JobPriority
  }

  struct WorkerEntry {
    var peer: Peer
    let hello: Hello
    let joinedAt: MonotonicInstant
    /// Its last hello or heartbeat. Other messages do not count, as they renew no lease: a worker that dies is always
    /// missed before its leases run out, and they are known to be lost with it.
    var lastSeen: MonotonicInstant
    /// For each job, as their units cost differently.
    var sizers: [JobID: ShardSizer] = [:]
    /// Leases the worker asked for and has not got yet.
    var wanted = 0
    /// Leases it has not said to be computed.
    var grants: [LeaseID: Grant] = [:]
    /// Jobs it has been sent over its present connection.
    var jobs: Set<JobID> = []
    /// Batches of records it sent that the aggregator refused.
    var badBatches = 0
    /// It gets no more leases, and is dismissed once it holds none.
    var isDraining = false
    var dismissedAt: MonotonicInstant?
    var unitsComputed: UInt64 = 0
    /// Over its last shards, whatever their jobs.
    var speed = ComputeSpeed()

    init(peer: Peer, hello: Hello, at now: MonotonicInstant) {
      (self.peer, self.hello, joinedAt, lastSeen) = (peer, hello, now, now)
    }
  }

  struct AggregatorEntry {
    let peer: Peer
    let hello: Hello
    var lastSeen: MonotonicInstant
    /// Why it cannot write; empty when it can.
    var problem = ""
    /// What it measured last.
    var measurements = AggregatorMeasurements()
  }

  /// A job that has not ended.
  struct JobEntry {
    enum Stage {
      /// Its store is not open.
      case queued
      /// The aggregator was asked to open its store.
      case opening
      case running
      /// The aggregator was asked to close its store, though units are left.
      case closing
    }

    let job: Job
    let kind: String
    let bytes: Int
    var priority: JobPriority
    let owner: String
    let submittedAt: Date
    /// When its first lease was given out.
    var startedAt: Date?
    /// Nobody gets its units until it is resumed.
    var isPaused = false
    /// It gives its place to a job that waits to be opened.
    var isYielding = false
    /// Failures that are to be put back; the first is what the aggregator is asked for.
    var retries: [RetryOrder] = []
    var stage = Stage.queued
    /// When it last came to be one of the open jobs.
    var placedAt: MonotonicInstant
    /// Nil until the aggregator has opened the store.
    var table: LeaseTable?
    var share = FairShare()
    var counts = UnitCounts()
    var rate = CommitRate()
    /// When the aggregator was last asked to do something for the job.
    var askedAt: MonotonicInstant?
    /// The aggregator has committed units it told nobody of: a message got lost.
    var isOutOfStep = false
    /// It was asked what the store holds, and has not answered.
    var hasAskedStatus = false

    init(_ record: JobRecord, at now: MonotonicInstant) {
      job = record.job
      kind = type(of: record.job.spec.sweep.kind).name
      bytes = Self.bytes(of: record.job)
      (priority, owner) = (record.priority, record.owner)
      (submittedAt, startedAt, isPaused) = (record.submittedAt, record.startedAt, record.isPaused)
      placedAt = now
    }

    static func bytes(of job: Job) -> Int {
      job.canonicalSpec.count + job.assets.all.values.reduce(0) { $0 + $1.count }
    }

    /// What the journal keeps of it.
    var record: JobRecord {
      JobRecord(
        job: job, priority: priority, owner: owner, submittedAt: submittedAt, startedAt: startedAt, isPaused: isPaused,
        retries: retries.map(\.code))
    }

    var fingerprint: ModelFingerprint { job.spec.model.fingerprint }
    var isOpen: Bool { stage != .queued }
    /// It keeps no store open any longer than its leases last.
    var isLeaving: Bool { isPaused || isYielding }
    var hasWaitingUnits: Bool { stage == .running && !isLeaving && (table?.waitingCount ?? 0) > 0 }
  }
}
