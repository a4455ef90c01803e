import FleetProtocol
import SweepSpec

/// Those who use a simulated fleet: what they have asked for, and been told.
struct SimulatedPeople {
  private enum Standing: String {
    /// To be submitted, or submitted and not answered.
    case wanted
    case accepted
    case done
    /// For good.
    case cancelled
  }

  private let jobs: [JobID]
  private var standings: [JobID: Standing] = [:]
  private var paused: Set<JobID> = []
  /// News that a job is done is old before: it may have been asked for again since.
  private(set) var settledFrom: Duration
  /// A promise to them that was broken.
  private(set) var broken: String?

  /// The longest a message takes.
  private static let longestNews = Duration.seconds(5)

  init(jobs: [JobID], settledFrom: Duration) {
    self.jobs = jobs
    self.settledFrom = settledFrom
    for job in jobs { standings[job] = .wanted }
  }

  var isDone: Bool { standings.values.allSatisfy { $0 == .done || $0 == .cancelled } }
  var pausedJobs: [JobID] { jobs.filter(paused.contains) }
  var standing: String {
    jobs.map { "\($0) \(standings[$0]?.rawValue ?? "")\(paused.contains($0) ? ", paused" : "")" }.joined(
      separator: "; ")
  }

  func isCancelled(_ job: JobID) -> Bool { standings[job] == .cancelled }
  func isToBeSubmitted(_ job: JobID) -> Bool { standings[job] == .wanted }
  func isToBeWatched(_ job: JobID) -> Bool { standings[job] == .accepted }

  mutating func hear(_ message: FleetMessage, about job: JobID, at now: Duration) {
    guard standings[job] != .cancelled else { return }
    switch message {
    case .accepted: if standings[job] == .wanted { standings[job] = .accepted }
    case .rejected: if standings[job] == .accepted { standings[job] = .wanted }
    case .status(let status):
      if status.phase == .done, now >= settledFrom { standings[job] = .done }
      // Cancelled, and wanted again.
      if status.phase == .failed { standings[job] = .wanted }
    default: break
    }
  }

  mutating func didCancel(_ job: JobID, isForGood: Bool) {
    paused.remove(job)
    if isForGood { standings[job] = .cancelled }
  }

  mutating func didPause(_ job: JobID) { paused.insert(job) }
  mutating func didResume(_ job: JobID) { paused.remove(job) }

  /// A job may go on that was done.
  mutating func didRetry(at now: Duration) { settledFrom = max(settledFrom, now + Self.longestNews) }

  /// A lease was given out.
  mutating func saw(_ grant: LeaseGrant) {
    if isCancelled(grant.job) { broken = "job \(grant.job) was cancelled, and lease \(grant.lease) given out" }
    if paused.contains(grant.job) { broken = "job \(grant.job) is paused, and lease \(grant.lease) was given out" }
  }
}
