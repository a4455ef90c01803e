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
    case stop
  }

  public enum Command: Sendable {
    case sendCoordinator(FleetMessage)
    case sendAggregator(frame: [UInt8])
    case connectAggregator(String)
    case sendCompute(FleetMessage)
    case log(String)
    case fail(String)
  }

  private struct Unacknowledged {
    let batch: BatchID
    let job: JobID
    let frame: [UInt8]
  }

  private static let resend = Duration.seconds(10)

  private let hello: Hello
  private var heartbeat = Duration.seconds(1)
  private var aggregator = ""
  private var creditBytes = 0
  /// Jobs the compute thread has been given.
  private var jobs: Set<JobID> = []
  private var leases: [LeaseID: JobID] = [:]
  /// In the order they were made.
  private var unacknowledged: [Unacknowledged] = []
  private var unacknowledgedBytes = 0
  private var lastHeartbeat: MonotonicInstant?
  private var lastProgress: MonotonicInstant?

  public init(hello: Hello) { self.hello = hello }

  /// What to send on starting.
  public var greeting: FleetMessage { .hello(hello) }

  /// Whether the compute thread's messages should be taken: not while what is out has used up the credit.
  public var acceptsComputed: Bool { unacknowledgedBytes < creditBytes }

  public mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Command] {
    switch event {
    case .fromCoordinator(let message): return receiveFromCoordinator(message)
    case .fromAggregator(let message): return receiveFromAggregator(message, at: now)
    case .fromCompute(let message):
      if case .computed(let computed) = message { leases[computed.lease] = nil }
      return [.sendCoordinator(message)]
    case .computed(let batch, let job, let frame):
      if unacknowledged.isEmpty { lastProgress = now }
      unacknowledged.append(Unacknowledged(batch: batch, job: job, frame: frame))
      unacknowledgedBytes += frame.count
      return [.sendAggregator(frame: frame)]
    case .tick: return beat(at: now) + resendIfStuck(at: now)
    case .stop: return [.sendCoordinator(.goodbye), .sendAggregator(frame: FleetMessage.goodbye.encoded())]
    }
  }

  private mutating func receiveFromCoordinator(_ message: FleetMessage) -> [Command] {
    switch message {
    case .identify: return [.sendCoordinator(greeting)]
    case .welcome(let welcome):
      let seconds = welcome.heartbeatSeconds
      heartbeat = .seconds(seconds.isFinite ? min(max(seconds, 0.01), 60) : 1)
      // A coordinator that greets again has forgotten what was asked of it.
      let commands: [Command] = [.sendCompute(.identify), .log("the coordinator took this worker in")]
      guard welcome.aggregator != aggregator, !welcome.aggregator.isEmpty else { return commands }
      aggregator = welcome.aggregator
      creditBytes = 0
      return commands + [.connectAggregator(aggregator)] + greetAggregator()
    case .refused(let reason): return [.fail("the coordinator refused this worker: \(reason)")]
    case .job(let payload):
      jobs.insert(payload.job)
      return [.sendCompute(message)]
    case .lease(let grant):
      // A job that got lost on the way comes again after a hello; the lease itself runs out.
      guard jobs.contains(grant.job) else { return [.sendCoordinator(greeting)] }
      leases[grant.lease] = grant.job
      return [.sendCompute(message)]
    case .revoke(let lease):
      leases[lease] = nil
      return [.sendCompute(message)]
    case .forget(let job):
      // All its units are committed: records still out are duplicates nobody waits for.
      jobs.remove(job)
      leases = leases.filter { $0.value != job }
      drop { $0.job == job }
      return [.sendCompute(message)]
    default: return [.log("the coordinator sent a message it must not send; ignored")]
    }
  }

  private mutating func receiveFromAggregator(_ message: FleetMessage, at now: MonotonicInstant) -> [Command] {
    switch message {
    case .identify: return greetAggregator()
    case .acknowledge(let acknowledgement):
      creditBytes = acknowledgement.creditBytes
      lastProgress = now
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
    let message = FleetMessage.heartbeat(Heartbeat(leases: leases.keys.sorted()))
    let toAggregator: [Command] =
      aggregator.isEmpty ? [] : [.sendAggregator(frame: FleetMessage.heartbeat(Heartbeat()).encoded())]
    return [.sendCoordinator(message)] + toAggregator
  }

  private mutating func resendIfStuck(at now: MonotonicInstant) -> [Command] {
    guard !unacknowledged.isEmpty, let last = lastProgress, now - last >= Self.resend else { return [] }
    lastProgress = now
    return greetAggregator()
  }
}
