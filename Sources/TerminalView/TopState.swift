import FleetClient
import Foundation

/// What `top` shows: the fleet as it was last told, and what the person at it chose.
public struct TopState: Sendable {
  public enum Connection: Hashable, Sendable {
    case live
    /// Why there is none.
    case lost(String)
  }

  public enum Sort: String, Sendable, CaseIterable { case submitted, progress, throughput, priority, failures }

  public enum Action: Hashable, Sendable {
    case quit, interrupt
    case cancel(String)
    case pause(String)
    case resume(String)
  }

  public let coordinator: String
  public var connection = Connection.live
  public internal(set) var fleet: RemoteFleet?
  public internal(set) var workers: [RemoteWorker] = []
  private var jobsByID: [String: RemoteJob] = [:]
  public internal(set) var sort = Sort.submitted
  /// The selected job's id.
  private var chosen: String?
  /// The job that is cancelled if the next key says so.
  public internal(set) var toConfirm: String?
  /// What came of the last action; empty where there is nothing to say.
  public var message = ""

  public init(coordinator: String) { self.coordinator = coordinator }

  /// The coordinator tells everything anew: what it does not tell is gone.
  public mutating func restart() {
    connection = .live
    jobsByID = [:]
    workers = []
  }

  public mutating func apply(_ event: FleetEvent) {
    switch event {
    case .fleet(let fleet): self.fleet = fleet
    case .job(let job): jobsByID[job.id] = job
    case .workers(let workers): self.workers = workers
    }
  }

  /// In the order of the screen.
  public var jobs: [RemoteJob] { jobsByID.values.sorted(by: isBefore) }

  public var selected: RemoteJob? { chosen.flatMap { jobsByID[$0] } ?? jobs.first }

  private func isBefore(_ a: RemoteJob, _ b: RemoteJob) -> Bool {
    if a.phase.hasEnded != b.phase.hasEnded { return b.phase.hasEnded }
    func order<Value: Comparable>(_ x: Value, _ y: Value) -> Bool? { x == y ? nil : x > y }
    let byChoice: Bool? =
      switch sort {
      case .submitted: nil
      case .progress: order(a.fraction, b.fraction)
      case .throughput: order(a.unitsPerSecond, b.unitsPerSecond)
      case .priority: order(a.priority, b.priority)
      case .failures: order(a.failed, b.failed)
      }
    if let byChoice { return byChoice }
    // As the coordinator lists them.
    let times = a.phase.hasEnded ? (b.endedAt, a.endedAt) : (a.submittedAt, b.submittedAt)
    return (times.0 ?? .distantPast, a.id) < (times.1 ?? .distantPast, b.id)
  }

  /// - Returns: what is to be done outside of the screen.
  public mutating func handle(_ key: Key) -> Action? {
    if key == .interrupt { return .interrupt }
    if let job = toConfirm {
      toConfirm = nil
      if key == .character("y") { return .cancel(job) }
      message = "\(job) goes on"
      return nil
    }
    message = ""
    switch key {
    case .character("q"): return .quit
    case .up, .character("k"): move(by: -1)
    case .down, .character("j"): move(by: 1)
    case .character("s"):
      let all = Sort.allCases
      sort = all[((all.firstIndex(of: sort) ?? 0) + 1) % all.count]
    case .character("c"):
      if let job = running("cancelled") { toConfirm = job.id }
    case .character("p"):
      if let job = running("paused") { return job.phase == .paused ? .resume(job.id) : .pause(job.id) }
    default: break
    }
    return nil
  }

  private mutating func move(by step: Int) {
    let ids = jobs.map(\.id)
    guard !ids.isEmpty else { return }
    let place = selected.flatMap { ids.firstIndex(of: $0.id) } ?? 0
    chosen = ids[max(0, min(ids.count - 1, place + step))]
  }

  /// The selected job; nil, and a message, where it has ended.
  private mutating func running(_ what: String) -> RemoteJob? {
    guard let job = selected else { return nil }
    guard !job.phase.hasEnded else {
      message = "\(job.id) has ended and cannot be \(what)"
      return nil
    }
    // From here on it is this one, wherever the order puts it.
    chosen = job.id
    return job
  }
}
