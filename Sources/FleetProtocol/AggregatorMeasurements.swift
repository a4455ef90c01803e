/// What an aggregator measured since it last said so.
public struct AggregatorMeasurements: Hashable, Sendable {
  /// The most commits one message tells of; of more, the first.
  public static let mostCommits = 1000

  /// Seconds each commit took, from the decision to its being durable.
  public var commitSeconds: [Double]
  /// Records that wait for a commit, in bytes of their frames.
  public var pendingBytes: UInt64
  /// Of the file system the results are on.
  public var diskFreeBytes: UInt64
  public var diskSizeBytes: UInt64

  public init(
    commitSeconds: [Double] = [], pendingBytes: UInt64 = 0, diskFreeBytes: UInt64 = 0, diskSizeBytes: UInt64 = 0
  ) {
    self.commitSeconds = commitSeconds
    self.pendingBytes = pendingBytes
    self.diskFreeBytes = diskFreeBytes
    self.diskSizeBytes = diskSizeBytes
  }
}
