import FleetProtocol
import Messaging
import SonarModel
import SweepSpec

/// The worker's compute thread. It speaks the fleet's own messages with the I/O thread over an in-process socket whose
/// queue is short: when records are not taken away, computing pauses.
final class ComputeLoop {
  static let endpoint = "inproc://compute"
  /// Batches that may wait between the threads.
  static let queueLength = 4

  private let socket: Socket
  private let computer: UnitComputer
  private let progress: ComputeProgress
  private let clock = MonotonicClock()
  private var jobs: [JobID: Job] = [:]
  private var remaining: [LeaseID: UInt64] = [:]
  private var batcher = RecordBatcher()
  private var requested = false
  /// When the last lease ended or, after idling, the first unit came in.
  private var leaseStart: MonotonicInstant

  /// The compute thread's end of the pair. It is connected before the thread starts, so that messages sent to it while
  /// it loads its model wait there.
  static func connect(_ context: MessagingContext) throws -> Socket {
    let socket = try Socket(.pair, context, sendLimit: queueLength, receiveLimit: 0, lingerMilliseconds: 0)
    try socket.connect(endpoint)
    return socket
  }

  init(socket: Socket, model: SonarModel?, progress: ComputeProgress) {
    self.socket = socket
    self.progress = progress
    computer = UnitComputer(model: model)
    leaseStart = clock.now
  }

  /// Runs until it is told goodbye, and hands over the records it has.
  func run() throws {
    try work()
    try flush(batcher.take())
  }

  private func work() throws {
    while true {
      if computer.wantsLease, !requested {
        requested = true
        try send(.request(leases: 1))
      }
      if computer.isIdle {
        try flush(batcher.take())
        guard let frames = try socket.receive(waiting: true), try receive(frames) else { return }
        leaseStart = clock.now
      }
      while let frames = try socket.receive() {
        guard try receive(frames) else { return }
      }
      var batches: [RecordBatch] = []
      var ended: [LeaseGrant] = []
      try progress.step {
        try computer.advance { record, grant in
          guard let job = jobs[grant.job] else { return }
          if let batch = batcher.add(record, of: job, at: clock.now) { batches.append(batch) }
          if countDown(grant) { ended.append(grant) }
        }
      }
      for batch in batches { try flush(batch) }
      try flush(batcher.takeOld(at: clock.now))
      for grant in ended { try report(grant) }
    }
  }

  /// Takes a message from the I/O thread; false when it is time to end.
  private func receive(_ frames: [[UInt8]]) throws -> Bool {
    guard let frame = frames.first else { return true }
    switch try FleetMessage(decoding: frame) {
    case .job(let payload):
      let job = try payload.makeJob()
      jobs[job.id] = job
      computer.open(job)
    case .lease(let grant):
      requested = false
      remaining[grant.lease] = grant.units.size
      computer.enqueue(grant)
    case .revoke(let lease):
      computer.revoke(lease)
      remaining[lease] = nil
    case .forget(let job):
      computer.forget(job)
      jobs[job] = nil
    case .identify:
      // The coordinator does not know what was asked of it before.
      requested = false
    case .goodbye:
      return false
    default: break
    }
    return true
  }

  private func countDown(_ grant: LeaseGrant) -> Bool {
    guard let left = remaining[grant.lease] else { return false }
    remaining[grant.lease] = left == 1 ? nil : left - 1
    return left == 1
  }

  private func report(_ grant: LeaseGrant) throws {
    let now = clock.now
    try send(
      .computed(
        Computed(
          lease: grant.lease, units: grant.units.size, seconds: (now - leaseStart).seconds, work: computer.takeWork())))
    leaseStart = now
  }

  private func flush(_ batch: RecordBatch?) throws {
    guard let batch else { return }
    // The number and job go in front, so that the I/O thread need not decode what it only passes on.
    let header = MessagePackValue.array([.unsigned(batch.batch.rawValue), .string(batch.job.rawValue)])
    try socket.send([header.encoded(), FleetMessage.records(batch).encoded()], waiting: true)
  }

  private func send(_ message: FleetMessage) throws { try socket.send([message.encoded()], waiting: true) }
}
