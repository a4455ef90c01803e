import Foundation

/// A job as a coordinator tells of it: `Job` in openapi.yaml.
public struct RemoteJob: Codable, Hashable, Sendable {
  public enum Phase: String, Codable, Sendable, CaseIterable {
    case queued, opening, running, paused, done, failed, cancelled

    public var hasEnded: Bool { self == .done || self == .failed || self == .cancelled }
  }

  public var id: String
  public var name: String
  public var kind: String
  public var model: String
  public var precision: String
  public var phase: Phase
  public var priority: Int
  /// The name of the token it was submitted with.
  public var owner: String
  public var submittedAt: Date
  public var startedAt: Date?
  public var endedAt: Date?
  public var units: UInt64
  public var done: UInt64
  public var failed: UInt64
  public var skipped: UInt64
  /// Done, failed and skipped together.
  public var committed: UInt64
  public var unitsPerSecond: Double
  public var secondsLeft: Double?
  public var workers: Int
  public var leases: Int
  /// What keeps it from going on, or why it failed; empty where nothing does.
  public var problem: String

  public init(
    id: String, name: String, kind: String, model: String, precision: String, phase: Phase, priority: Int,
    owner: String, submittedAt: Date, startedAt: Date? = nil, endedAt: Date? = nil, units: UInt64, done: UInt64,
    failed: UInt64 = 0, skipped: UInt64 = 0, unitsPerSecond: Double = 0, secondsLeft: Double? = nil, workers: Int = 0,
    leases: Int = 0, problem: String = ""
  ) {
    (self.id, self.name, self.kind, self.model, self.precision) = (id, name, kind, model, precision)
    (self.phase, self.priority, self.owner) = (phase, priority, owner)
    (self.submittedAt, self.startedAt, self.endedAt) = (submittedAt, startedAt, endedAt)
    (self.units, self.done, self.failed, self.skipped) = (units, done, failed, skipped)
    committed = done + failed + skipped
    (self.unitsPerSecond, self.secondsLeft) = (unitsPerSecond, secondsLeft)
    (self.workers, self.leases, self.problem) = (workers, leases, problem)
  }

  /// As the coordinator sends it: what is not known is null, not missing.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    try container.encode(kind, forKey: .kind)
    try container.encode(model, forKey: .model)
    try container.encode(precision, forKey: .precision)
    try container.encode(phase, forKey: .phase)
    try container.encode(priority, forKey: .priority)
    try container.encode(owner, forKey: .owner)
    try container.encode(submittedAt, forKey: .submittedAt)
    try container.encode(startedAt, forKey: .startedAt)
    try container.encode(endedAt, forKey: .endedAt)
    try container.encode(units, forKey: .units)
    try container.encode(done, forKey: .done)
    try container.encode(failed, forKey: .failed)
    try container.encode(skipped, forKey: .skipped)
    try container.encode(committed, forKey: .committed)
    try container.encode(unitsPerSecond, forKey: .unitsPerSecond)
    try container.encode(secondsLeft, forKey: .secondsLeft)
    try container.encode(workers, forKey: .workers)
    try container.encode(leases, forKey: .leases)
    try container.encode(problem, forKey: .problem)
  }

  /// Committed units of all, 0 to 1.
  public var fraction: Double { units == 0 ? 1 : min(1, Double(committed) / Double(units)) }
}
