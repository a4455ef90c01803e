import FleetProtocol
import SweepSpec

/// What the coordinator knows of each worker, of the aggregator and of each job.
extension CoordinatorState {
  struct WorkerEntry {
    var peer: Peer
    let hello: Hello
    /// Its last hello or heartbeat. Other messages do not count, as they renew no lease: a worker that dies is always
    /// missed before its leases run out, and they are known to be lost with it.
    var lastSeen: MonotonicInstant
    var sizer = ShardSizer()
    /// Leases the worker asked for and has not got yet.
    var wanted = 0
    /// Jobs it has been sent over its present connection.
    var jobs: Set<JobID> = []
    /// Batches of records it sent that the aggregator refused.
    var badBatches = 0
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

  struct JobEntry {
    let job: Job
    let bytes: Int
    /// Nil until the aggregator has opened the store.
    var table: LeaseTable?
    var phase = JobStatus.Phase.opening
    var counts = UnitCounts()
    var rate = CommitRate()
    /// When the aggregator was last asked to do something for the job.
    var askedAt: MonotonicInstant?
    /// The aggregator has committed units it told nobody of: a message got lost.
    var isOutOfStep = false
    /// It was asked what the store holds, and has not answered.
    var hasAskedStatus = false

    init(_ job: Job) {
      self.job = job
      bytes = job.canonicalSpec.count + job.assets.all.values.reduce(0) { $0 + $1.count }
    }
  }
}
