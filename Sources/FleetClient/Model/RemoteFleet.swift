import Foundation

/// The fleet at a glance: `Fleet` in openapi.yaml.
public struct RemoteFleet: Codable, Hashable, Sendable {
  public struct Workers: Codable, Hashable, Sendable {
    public var idle: Int
    public var working: Int
    public var draining: Int

    public init(idle: Int, working: Int, draining: Int) {
      (self.idle, self.working, self.draining) = (idle, working, draining)
    }

    public var total: Int { idle + working + draining }
  }

  public struct Aggregator: Codable, Hashable, Sendable {
    public var name: String
    public var secondsSilent: Double
    /// Why it cannot write; empty when it can.
    public var problem: String
    public var pendingBytes: UInt64
    public var diskFreeBytes: UInt64
    public var diskSizeBytes: UInt64

    public init(
      name: String, secondsSilent: Double = 0, problem: String = "", pendingBytes: UInt64 = 0, diskFreeBytes: UInt64,
      diskSizeBytes: UInt64
    ) {
      (self.name, self.secondsSilent, self.problem) = (name, secondsSilent, problem)
      (self.pendingBytes, self.diskFreeBytes, self.diskSizeBytes) = (pendingBytes, diskFreeBytes, diskSizeBytes)
    }
  }

  public struct Sample: Codable, Hashable, Sendable {
    public var at: Date
    /// Committed units per second since the sample before.
    public var unitsPerSecond: Double

    public init(at: Date, unitsPerSecond: Double) { (self.at, self.unitsPerSecond) = (at, unitsPerSecond) }
  }

  public var version: String
  public var at: Date
  /// What keeps the whole fleet from going on; empty where nothing does.
  public var problem: String
  public var unitsPerSecond: Double
  public var secondsLeft: Double?
  /// Jobs by phase.
  public var jobs: [String: Int]
  public var workers: Workers
  public var aggregator: Aggregator?
  /// Of the last ten minutes, oldest first.
  public var throughput: [Sample]

  public init(
    version: String, at: Date, problem: String = "", unitsPerSecond: Double = 0, secondsLeft: Double? = nil,
    jobs: [String: Int] = [:], workers: Workers, aggregator: Aggregator? = nil, throughput: [Sample] = []
  ) {
    (self.version, self.at, self.problem) = (version, at, problem)
    (self.unitsPerSecond, self.secondsLeft, self.jobs) = (unitsPerSecond, secondsLeft, jobs)
    (self.workers, self.aggregator, self.throughput) = (workers, aggregator, throughput)
  }

  /// As the coordinator sends it: what is not known is null, not missing.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
    try container.encode(at, forKey: .at)
    try container.encode(problem, forKey: .problem)
    try container.encode(unitsPerSecond, forKey: .unitsPerSecond)
    try container.encode(secondsLeft, forKey: .secondsLeft)
    try container.encode(jobs, forKey: .jobs)
    try container.encode(workers, forKey: .workers)
    try container.encode(aggregator, forKey: .aggregator)
    try container.encode(throughput, forKey: .throughput)
  }
}
