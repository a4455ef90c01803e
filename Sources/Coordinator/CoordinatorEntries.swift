import FleetProtocol
import SweepSpec

/// What the coordinator knows of each worker, of the aggregator and of each job.
extension CoordinatorState {
  struct WorkerEntry {
    var peer: Peer
    let hello: Hello
    var lastSeen: MonotonicInstant
    var sizer = ShardSizer()
    /// Leases the worker asked for and has not got yet.
    var wanted = 0
    var jobs: Set<JobID> = []
  }

  struct AggregatorEntry {
    let peer: Peer
    let hello: Hello
    var lastSeen: MonotonicInstant
    /// Why it cannot write; empty when it can.
    var problem = ""
  }

  struct JobEntry {
    let job: Job
    /// Nil until the aggregator has opened the store.
    var table: LeaseTable?
    var phase = JobStatus.Phase.opening
    var counts = UnitCounts()
    var rate = CommitRate()
    var problem = ""
  }
}
