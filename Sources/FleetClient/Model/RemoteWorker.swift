import Foundation

/// A worker as a coordinator tells of it: `Worker` in openapi.yaml.
public struct RemoteWorker: Codable, Hashable, Sendable {
  public enum State: String, Codable, Sendable { case idle, working, draining }

  public struct Lease: Codable, Hashable, Sendable {
    public var lease: UInt64
    public var job: String
    /// The shard: `first` to before `end`.
    public var first: UInt64
    public var end: UInt64
    /// Units of the shard that are not committed.
    public var remaining: UInt64
    public var attempt: Int
    public var ageSeconds: Double
    /// Until it runs out unless it is renewed.
    public var secondsLeft: Double

    public init(
      lease: UInt64, job: String, first: UInt64, end: UInt64, remaining: UInt64, attempt: Int, ageSeconds: Double,
      secondsLeft: Double
    ) {
      (self.lease, self.job, self.first, self.end, self.remaining) = (lease, job, first, end, remaining)
      (self.attempt, self.ageSeconds, self.secondsLeft) = (attempt, ageSeconds, secondsLeft)
    }
  }

  public var id: String
  public var name: String
  public var model: String
  public var fingerprint: String
  public var state: State
  public var joinedAt: Date
  /// Since its last sign of life.
  public var secondsSilent: Double
  /// Nil before its first shard.
  public var unitsPerSecond: Double?
  public var unitsComputed: UInt64
  public var leases: [Lease]

  public init(
    id: String, name: String, model: String, fingerprint: String, state: State, joinedAt: Date,
    secondsSilent: Double = 0, unitsPerSecond: Double? = nil, unitsComputed: UInt64 = 0, leases: [Lease] = []
  ) {
    (self.id, self.name, self.model, self.fingerprint) = (id, name, model, fingerprint)
    (self.state, self.joinedAt, self.secondsSilent) = (state, joinedAt, secondsSilent)
    (self.unitsPerSecond, self.unitsComputed, self.leases) = (unitsPerSecond, unitsComputed, leases)
  }

  /// As the coordinator sends it: what is not known is null, not missing.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    try container.encode(model, forKey: .model)
    try container.encode(fingerprint, forKey: .fingerprint)
    try container.encode(state, forKey: .state)
    try container.encode(joinedAt, forKey: .joinedAt)
    try container.encode(secondsSilent, forKey: .secondsSilent)
    try container.encode(unitsPerSecond, forKey: .unitsPerSecond)
    try container.encode(unitsComputed, forKey: .unitsComputed)
    try container.encode(leases, forKey: .leases)
  }
}
