import FleetProtocol
import SonarModel
import SweepSpec

/// The worker's decisions on its connections: who to talk to, which records are out, when to send them again. It does no
/// I/O and computes nothing.
public struct WorkerState {
  public enum Event: Sendable {
    case fromCoordinator(FleetMessage)
    case fromAggregator(FleetMessage)
    /// Control messages of the compute thread: `request` and `computed`.
    case fromCompute(FleetMessage)
    /// An encoded `records` message of the compute thread.
    case computed(BatchID, JobID, frame: [UInt8])
    case tick
    /// The process should end.
    case stop
    /// The compute thread has ended and all it had made was handed over.
    case computeEnded
  }

  public enum Command: Sendable {
    case sendCoordinator(FleetMessage)
    case sendAggregator(frame: [UInt8])
    case connectAggregator(String)
    case sendCompute(FleetMessage)
    case log(String)
    case fail(String)
    /// Everything that could be saved is: end.
    case end
  }

  private struct Unacknowledged {
    let batch: BatchID
    let job: JobID
    let frame: [UInt8]
    let since: MonotonicInstant
  }

  /// How long records may stay unanswered before they are sent again; twice as long after each time in vain.
  private static let resend = Duration.seconds(10)
  private static let longestResend = Duration.seconds(160)
  /// Records of a job this worker has no lease of are given up after so long: others have computed their units since.
  private static let recordsKept = Duration.seconds(600)
  /// Jobs a worker keeps; of more, those without leases go, and come again with the next lease.
  private static let jobsKept = 64

  private let hello: Hello
  /// How long records that are made may wait for their acknowledgement once the process should end.
  private let grace: Duration
  private var heartbeat = Duration.seconds(1)
  private var aggregator = ""
  private var creditBytes = 0
  /// Jobs the compute thread has been given.
  private var jobs: [JobID] = []
  /// Leases the compute thread waits for.
  private var wanted = 0
  private var leases: [LeaseID: JobID] = [:]
  /// In the order they were made.
  private var unacknowledged: [Unacknowledged] = []
  /// What is kept until it is acknowledged.
  package private(set) var unacknowledgedBytes = 0
  private var lastHeartbeat: MonotonicInstant?
  private var lastProgress: MonotonicInstant?
  private var resendAfter = WorkerState.resend
  private var isTakenIn = false
  /// When to end at the latest; nil while the worker works.
  private var endBy: MonotonicInstant?
  private var hasComputeEnded = false

  public init(hello: Hello, grace: Duration = .seconds(5)) {
    self.hello = hello
    self.grace = grace
  }

  /// What to send on starting.
  public var greeting: FleetMessage { .hello(hello) }

  /// Whether the compute thread's messages should be taken: not while what is out has used up the credit.
  /// What is left when the worker ends is little, and all of it may go.
  public var acceptsComputed: Bool { unacknowledgedBytes < creditBytes || endBy != nil }

  /// Whether the worker only waits for what it has made to be committed.
  public var isEnding: Bool { endBy != nil }

  public mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Command] {
    switch event {
    case .fromCoordinator(let message): return endBy == nil ? receiveFromCoordinator(message, at: now) : []
    case .fromAggregator(let message): return receiveFromAggregator(message, at: now) + endIfDone(at: now)
    case .fromCompute(let message): return endBy == nil ? receiveFromCompute(message) : []
    case .computed(let batch, let job, let frame):
      if unacknowledged.isEmpty { lastProgress = now }
      unacknowledged.append(Unacknowledged(batch: batch, job: job, frame: frame, since: now))
      unacknowledgedBytes += frame.count
      return [.sendAggregator(frame: frame)]
    case .tick: return beat(at: now) + resendIfStuck(at: now) + endIfDone(at: now)
    case .stop: return stop(at: now)
    case .computeEnded:
      hasComputeEnded = true
      return endIfDone(at: now)
    }
  }

  private mutating func stop(at now: MonotonicInstant) -> [Command] {
    guard endBy == nil else { return [] }
    endBy = now + grace
    leases = [:]
    // The coordinator gives the leases to others at once; records already made may still be committed.
    return [.sendCoordinator(.goodbye), .sendCompute(.goodbye)]
  }

  private mutating func receiveFromCompute(_ message: FleetMessage) -> [Command] {
    switch message {
    case .computed(let computed): leases[computed.lease] = nil
    case .request(let leases): wanted += leases
    default: break
    }
    return [.sendCoordinator(message)]
  }

  private mutating func endIfDone(at now: MonotonicInstant) -> [Command] {
    guard let endBy, (hasComputeEnded && unacknowledged.isEmpty) || now >= endBy else { return [] }
    let lost =
      unacknowledged.isEmpty ? [] : [Command.log("\(unacknowledged.count) batches were not acknowledged in time")]
    return lost + [.sendAggregator(frame: FleetMessage.goodbye.encoded()), .end]
  }

  private mutating func receiveFromCoordinator(_ message: FleetMessage, at now: MonotonicInstant) -> [Command] {
    switch message {
    case .dismiss(let reason): return [.log("the coordinator dismissed this worker: \(reason)")] + stop(at: now)
    case .identify:
      isTakenIn = false
      return [.sendCoordinator(greeting)]
    case .welcome(let welcome):
      let seconds = welcome.heartbeatSeconds
      heartbeat = .seconds(seconds.isFinite ? min(max(seconds, 0.01), 60) : 1)
      // A coordinator that greets again has forgotten what was asked of it.
      wanted = 0
      var commands: [Command] = [.sendCompute(.identify)]
      if !isTakenIn { commands.append(.log("the coordinator took this worker in")) }
      isTakenIn = true
      guard welcome.aggregator != aggregator, !welcome.aggregator.isEmpty else { return commands }
      aggregator = welcome.aggregator
      creditBytes = 0
      return commands + [.connectAggregator(aggregator)] + greetAggregator()
    case .refused(let reason): return [.fail("the coordinator refused this worker: \(reason)")]
    case .job(let payload):
      if jobs.contains(payload.job) { return [] }
      jobs.append(payload.job)
      return [.sendCompute(message)] + dropIdleJobs()
    case .lease(let grant):
      // A job that got lost on the way comes again after a hello; the lease itself runs out.
      guard jobs.contains(grant.job) else { return [.sendCoordinator(greeting)] }
      guard leases[grant.lease] == nil else { return [] }
      wanted = max(0, wanted - 1)
      leases[grant.lease] = grant.job
      return [.sendCompute(message)]
    case .revoke(let lease):
      leases[lease] = nil
      return [.sendCompute(message)]
    case .forget(let job):
      // Nobody waits for the records that are out: its units are committed, or the job was stopped.
      drop { $0.job == job }
      return forget(job)
    default: return [.log("the coordinator sent a message it must not send; ignored")]
    }
  }

  private mutating func forget(_ job: JobID) -> [Command] {
    jobs.removeAll { $0 == job }
    leases = leases.filter { $0.value != job }
    return [.sendCompute(.forget(job))]
  }

  /// Bounds what is kept where the coordinator's word that a job is done got lost.
  private mutating func dropIdleJobs() -> [Command] {
    guard jobs.count > Self.jobsKept else { return [] }
    let busy = Set(leases.values)
    return jobs.dropLast().first { !busy.contains($0) }.map { forget($0) } ?? []
  }

  private mutating func receiveFromAggregator(_ message: FleetMessage, at now: MonotonicInstant) -> [Command] {
    switch message {
    case .identify:
      resendAfter = Self.resend
      return greetAggregator()
    case .acknowledge(let acknowledgement):
      creditBytes = acknowledgement.creditBytes
      lastProgress = now
      resendAfter = Self.resend
      let answered = Set(acknowledgement.committed).union(acknowledgement.refused.keys)
      drop { answered.contains($0.batch) }
      return acknowledgement.refused.values.map { .log("the aggregator refused records: \($0)") }
    default: return [.log("the aggregator sent a message it must not send; ignored")]
    }
  }

  /// Says hello and sends again what it may not have got.
  private func greetAggregator() -> [Command] {
    [.sendAggregator(frame: greeting.encoded())] + unacknowledged.map { .sendAggregator(frame: $0.frame) }
  }

  private mutating func drop(_ condition: (Unacknowledged) -> Bool) {
    unacknowledged.removeAll(where: condition)
    unacknowledgedBytes = unacknowledged.reduce(0) { $0 + $1.frame.count }
  }

  private mutating func beat(at now: MonotonicInstant) -> [Command] {
    if let last = lastHeartbeat, now - last < heartbeat { return [] }
    lastHeartbeat = now
    let beat = FleetMessage.heartbeat(Heartbeat()).encoded()
    let hello = greeting.encoded()
    // Without credit, or without an aggregator, a greeting or its answer may have got lost.
    let toAggregator: [Command] =
      aggregator.isEmpty ? [] : [.sendAggregator(frame: creditBytes == 0 ? hello : beat)]
    if endBy != nil { return toAggregator }
    let toCoordinator =
      aggregator.isEmpty ? greeting : .heartbeat(Heartbeat(leases: leases.keys.sorted(), wanted: wanted))
    return [.sendCoordinator(toCoordinator)] + toAggregator
  }

  /// Records that stay unanswered are sent again; the aggregator may also be another by now.
  private mutating func resendIfStuck(at now: MonotonicInstant) -> [Command] {
    guard !unacknowledged.isEmpty, let last = lastProgress, now - last >= resendAfter else { return [] }
    lastProgress = now
    resendAfter = min(resendAfter * 2, Self.longestResend)
    let leased = Set(leases.values)
    drop { now - $0.since > Self.recordsKept && !leased.contains($0.job) }
    return greetAggregator() + (endBy == nil ? [.sendCoordinator(greeting)] : [])
  }
}
