import FleetProtocol
import Foundation
import Monitoring
import SonarModel
import SweepSpec

/// The fleet at a moment, for people and dashboards. A value: who reads it holds up nobody.
public struct FleetView: Sendable {
  public var at: Date
  /// Jobs that have not ended in the order of submission, then those that have, the last first.
  public var jobs: [JobView]
  /// By name.
  public var workers: [WorkerView]
  public var aggregator: AggregatorView?
  /// What keeps the whole fleet from going on, for people; empty where nothing does.
  public var problem: String
  /// Committed units per second over the last few seconds, all jobs together.
  public var unitsPerSecond: Double
  /// Of the last ten minutes, oldest first.
  public var throughput: [ThroughputSample]
  public var metrics: [MetricFamily]

  public init(
    at: Date, jobs: [JobView] = [], workers: [WorkerView] = [], aggregator: AggregatorView? = nil, problem: String = "",
    unitsPerSecond: Double = 0, throughput: [ThroughputSample] = [], metrics: [MetricFamily] = []
  ) {
    (self.at, self.jobs, self.workers, self.aggregator, self.problem) = (at, jobs, workers, aggregator, problem)
    (self.unitsPerSecond, self.throughput, self.metrics) = (unitsPerSecond, throughput, metrics)
  }
}

public struct ThroughputSample: Hashable, Sendable, Codable {
  public var at: Date
  /// Committed units per second since the sample before.
  public var unitsPerSecond: Double

  public init(at: Date, unitsPerSecond: Double) { (self.at, self.unitsPerSecond) = (at, unitsPerSecond) }
}

public struct JobView: Hashable, Sendable {
  public enum Phase: String, Sendable, Codable, CaseIterable {
    /// Waits for its turn: other jobs that came first, or weigh more, are open.
    case queued
    /// The aggregator opens, or closes, its store.
    case opening
    case running
    case paused
    case done
    case failed
    case cancelled

    public var hasEnded: Bool { self == .done || self == .failed || self == .cancelled }
  }

  public var id: JobID
  public var name: String
  public var kind: String
  /// The model's name, and the precision it computes in.
  public var model: String
  public var precision: String
  public var phase: Phase
  public var priority: JobPriority
  public var owner: String
  public var submittedAt: Date
  /// When its first lease was given out, and when it ended.
  public var startedAt: Date?
  public var endedAt: Date?
  public var units: UInt64
  public var counts: UnitCounts
  /// Committed units per second over the last few seconds, and what is left over them; nil where that is unknown.
  public var unitsPerSecond: Double
  public var secondsLeft: Double?
  /// Workers that hold a lease of it, and the leases.
  public var workers: Int
  public var leases: Int
  /// What keeps the job from going on, or why it failed, for people; empty where nothing does.
  public var problem: String
}

public struct WorkerView: Hashable, Sendable {
  public enum State: String, Sendable, Codable { case idle, working, draining }

  public struct Lease: Hashable, Sendable {
    public var lease: LeaseID
    public var job: JobID
    public var units: UnitRange
    /// Units of the range that are not committed.
    public var remaining: UInt64
    public var attempt: Int
    /// Seconds since it was given out, and until it runs out unless it is renewed.
    public var age: Double
    public var secondsLeft: Double
  }

  public var id: InstanceID
  public var name: String
  public var model: String
  public var fingerprint: ModelFingerprint
  public var state: State
  public var joinedAt: Date
  /// Since its last heartbeat.
  public var secondsSilent: Double
  public var leases: [Lease]
  /// What it computes, over its last shards; nil before the first.
  public var unitsPerSecond: Double?
  /// Units it has computed since it joined.
  public var unitsComputed: UInt64
}

public struct AggregatorView: Hashable, Sendable {
  public var name: String
  public var secondsSilent: Double
  /// Why it cannot write; empty when it can.
  public var problem: String
  /// Records that wait for a commit.
  public var pendingBytes: UInt64
  /// Of the file system the results are on.
  public var diskFreeBytes: UInt64
  public var diskSizeBytes: UInt64
}
