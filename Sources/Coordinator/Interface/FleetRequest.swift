import FleetProtocol
import SweepSpec

/// What people ask of a coordinator, through whatever interface.
public enum FleetRequest: Sendable {
  case submit(Submission)
  /// Gives the job up; what is committed stays, and submitting it again goes on from there.
  case cancel(JobID)
  /// No more leases for the job until it is resumed.
  case pause(JobID)
  case resume(JobID)
  case setPriority(JobID, JobPriority)
  /// Computes failed units again: all, or those that failed with a code.
  case retryFailures(JobID, code: String?)
  /// Gives the worker no more leases, and lets it end once it holds none.
  case drain(InstanceID)
}

/// A job as it was submitted.
public struct Submission: Sendable {
  public var job: Job
  public var priority: JobPriority
  /// Who submitted it: the name of a token or a key; empty where nobody asked.
  public var owner: String
  /// The code of failures that are put back once the store is open; all where empty, none where nil.
  public var retrying: String?

  public init(_ job: Job, priority: JobPriority = .normal, owner: String = "", retrying: String? = nil) {
    (self.job, self.priority, self.owner, self.retrying) = (job, priority, owner, retrying)
  }
}

/// A job's weight: jobs share the workers' time in the ratio of their priorities.
public struct JobPriority: RawRepresentable, Hashable, Sendable, Comparable, Codable {
  public static let range = 1...100
  public static let normal = Self(clamping: 10)

  public let rawValue: Int

  /// Nil outside 1 to 100.
  public init?(rawValue: Int) {
    guard Self.range.contains(rawValue) else { return nil }
    self.rawValue = rawValue
  }

  init(clamping value: Int) { rawValue = min(max(value, Self.range.lowerBound), Self.range.upperBound) }

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
