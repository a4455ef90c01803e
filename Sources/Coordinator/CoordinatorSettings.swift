/// Times the coordinator goes by.
public struct CoordinatorSettings: Sendable {
  /// How often workers and the aggregator are told to send heartbeats.
  public var heartbeat: Duration = .seconds(1)
  /// A lease that was not renewed for so long is given to another worker.
  public var lease: Duration = .seconds(5)
  /// How long a lease whose units are all computed may wait for their commit before others compute them too.
  public var commit: Duration = .seconds(60)
  /// The most leases a worker may be waiting for.
  public var leasesPerWorker = 32

  public init() {}
}
