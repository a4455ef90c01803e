import Foundation
import SweepSpec

/// What is kept of a job that has not ended, so that a coordinator that starts again goes on with it.
public struct JobRecord: Sendable {
  public var job: Job
  public var priority: JobPriority
  public var owner: String
  public var submittedAt: Date
  public var startedAt: Date?
  public var isPaused: Bool
  /// Codes of failures that are to be put back; empty text is all of them.
  public var retries: [String]

  public init(
    job: Job, priority: JobPriority = .normal, owner: String = "", submittedAt: Date, startedAt: Date? = nil,
    isPaused: Bool = false, retries: [String] = []
  ) {
    (self.job, self.priority, self.owner) = (job, priority, owner)
    (self.submittedAt, self.startedAt, self.isPaused, self.retries) = (submittedAt, startedAt, isPaused, retries)
  }
}
