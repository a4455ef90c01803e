import FleetProtocol
import Messaging
import SweepSpec

/// A client of a coordinator on this machine, over ZeroMQ: submits jobs and asks how they are.
final class ProtocolClient {
  private let socket: Socket

  init(context: MessagingContext, coordinator endpoint: String) throws {
    socket = try Socket(.dealer, context)
    try socket.connect(endpoint)
  }

  /// Submits a job; submitting it again changes nothing. False where nobody answers in time: try again.
  func submit(_ job: Job, within timeout: Duration) throws -> Bool {
    let message = FleetMessage.submit(JobPayload(job)).encoded()
    guard message.count <= Socket.maximumMessageBytes else {
      throw CommandError(
        "the job and its files are \(message.count >> 20) MiB, a job may have \(Socket.maximumMessageBytes >> 20); "
          + "split the corpus")
    }
    try socket.send([message])
    while true {
      switch try next(within: timeout) {
      case .accepted(job.id): return true
      case .rejected(let reason): throw CommandError("the coordinator rejected the job: \(reason)")
      case .none: return false
      default: continue
      }
    }
  }

  /// The job's state; nil where the coordinator does not answer in time, or does not know the job.
  func status(of job: Job, within timeout: Duration) throws -> JobStatus? {
    try socket.send([FleetMessage.statusRequest(job.id).encoded()])
    while let message = try next(within: timeout) {
      switch message {
      case .status(let status) where status.job == job.id: return status
      case .rejected: return nil
      default: continue
      }
    }
    return nil
  }

  private func next(within timeout: Duration) throws -> FleetMessage? {
    guard try Poller.wait([.socket(socket)], timeout: timeout)[0], let frames = try socket.receive() else { return nil }
    return try frames.first.map { try FleetMessage(decoding: $0) }
  }
}
