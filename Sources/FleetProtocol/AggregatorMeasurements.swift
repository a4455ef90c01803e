/// What an aggregator measured since it last said so.
public struct AggregatorMeasurements: Hashable, Sendable {
  /// The most commits one message tells of; of more, the first.
  public static let mostCommits = 1000
  /// The most reasons of refusals.
  public static let mostReasons = 16

  /// Seconds each commit took, from the decision to its being durable.
  public var commitSeconds: [Double]
  /// The most that waited for a commit at one time, in bytes of the records' frames.
  public var pendingBytes: UInt64
  /// Of the file system the results are on; 0 where that cannot be had.
  public var diskFreeBytes: UInt64
  public var diskSizeBytes: UInt64
  /// Handshakes and messages refused at its socket, by reason.
  public var refused: [String: UInt64]

  public init(
    commitSeconds: [Double] = [], pendingBytes: UInt64 = 0, diskFreeBytes: UInt64 = 0, diskSizeBytes: UInt64 = 0,
    refused: [String: UInt64] = [:]
  ) {
    self.commitSeconds = commitSeconds
    self.pendingBytes = pendingBytes
    self.diskFreeBytes = diskFreeBytes
    self.diskSizeBytes = diskSizeBytes
    self.refused = refused
  }
}
