/// Times and bounds the coordinator goes by.
public struct CoordinatorSettings: Sendable {
  /// How often workers and the aggregator are told to send heartbeats.
  public var heartbeat: Duration = .seconds(1)
  /// A lease that was not renewed for so long is given to another worker.
  public var lease: Duration = .seconds(5)
  /// How long a lease whose units are all computed may wait for their commit before others compute them too.
  public var commit: Duration = .seconds(60)
  /// What the aggregator was asked and has not done is asked again after so long.
  public var repeatAfter: Duration = .seconds(2)
  /// A lease this old may lend its tail to a worker that has nothing else to do.
  public var stragglerAge: Duration = .seconds(1)
  /// The most leases a worker may be waiting for.
  public var leasesPerWorker = 32
  /// Batches that do not fit their job, after which their worker is sent away.
  public var badBatchesAllowed = 3
  public var maximumWorkers = 1 << 16
  /// The most jobs whose stores are open at a time; the others are queued.
  public var maximumOpenJobs = 16
  /// Where jobs are queued, an open one gives its place up once it has had so much of an equal share of the workers' time
  /// more than one of the same priority that waits.
  public var turn: Duration = .seconds(600)
  /// Codes of failures that may wait to be put back, for each job.
  public var maximumRetries = 16
  /// The most jobs that are not done, and the most bytes of their specs and assets.
  public var maximumJobs = 1000
  public var maximumJobBytes = 1 << 30
  /// Ended jobs that are remembered.
  public var endedJobs = 1000
  /// The number of the first lease. Numbers of a former coordinator must not come again, as its workers may still name
  /// them.
  public var firstLease: UInt64 = 1

  public init() {}
}
