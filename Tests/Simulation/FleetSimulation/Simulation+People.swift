import Coordinator
import FleetProtocol
import SweepSpec

/// What people do: submit jobs and watch them with a client, and ask the coordinator for this and that.
extension Simulation {
  func pollJobs() {
    for job in jobs {
      if people.isToBeSubmitted(job.id) { send(.submit(JobPayload(job)), from: .client, to: .coordinator) }
      if people.isToBeWatched(job.id) { send(.statusRequest(job.id), from: .client, to: .coordinator) }
    }
  }

  func receiveAsClient(_ message: FleetMessage) {
    let id: JobID? =
      switch message {
      case .accepted(let id): id
      case .status(let status): status.job
      // It does not say of which job: whatever is not known to be there is submitted again.
      default: nil
      }
    for job in id.map({ [$0] }) ?? jobs.map(\.id) { people.hear(message, about: job, at: now) }
  }

  func granted(_ grant: LeaseGrant) { people.saw(grant) }

  func handleRequest() {
    let isCalm = now >= scenario.calmFrom
    if let interval = scenario.requestInterval, !isCalm {
      queue.add(.request, at: now + interval * Double.random(in: 0.1...2, using: &random))
      if isReachable { askForSomething() }
    } else if !people.pausedJobs.isEmpty || !isCalm {
      // In the end everything goes on.
      if isCalm, isReachable { for job in people.pausedJobs { ask(.resume(job)) } }
      if isCalm { queue.add(.request, at: now + .seconds(1)) }
    }
  }

  private var isReachable: Bool {
    processes[.coordinator]?.isUp == true && (processes[.coordinator]?.stalledUntil ?? .zero) <= now
  }

  private func askForSomething() {
    guard let job = jobs.randomElement(using: &random), !people.isCancelled(job.id) else { return }
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<5: ask(.pause(job.id))
    case 5..<10: ask(.resume(job.id))
    case 10, 11: ask(.cancel(job.id))
    case 12, 13: ask(.retryFailures(job.id, code: Bool.random(using: &random) ? nil : "quarantined"))
    case 14, 15: ask(.submit(Submission(job, priority: somePriority(), owner: "ada", retrying: "")))
    case 16, 17: ask(.setPriority(job.id, somePriority()))
    default:
      let worker = Int.random(in: 0..<scenario.workers, using: &random)
      ask(.drain(Self.hello(.worker(worker), life: processes[.worker(worker)]?.life ?? 0).instance))
    }
  }

  private func somePriority() -> JobPriority { JobPriority(rawValue: .random(in: 1...100, using: &random)) ?? .normal }

  /// As the service does: what is to be durable is durable before anything else is done.
  private func ask(_ request: FleetRequest) {
    let (answer, commands) = coordinator.answer(request, at: clock(of: .coordinator))
    note("people ask: \("\(request)".prefix(100))")
    remember(request, answer)
    execute(commands)
  }

  private func remember(_ request: FleetRequest, _ answer: FleetAnswer) {
    switch (request, answer) {
    case (.resume(let job), .refused(let refusal)) where refusal.code == .conflict: people.didResume(job)
    case (_, .refused(let refusal)): note("refused: \(refusal)")
    case (.submit(let submission), .job(_, let isNew)):
      if isNew { people.didResume(submission.job.id) }
      people.didRetry(at: now)
    default: remember(request)
    }
  }

  private func remember(_ request: FleetRequest) {
    switch request {
    case .cancel(let job): people.didCancel(job, isForGood: Bool.random(using: &random))
    case .pause(let job): people.didPause(job)
    case .resume(let job): people.didResume(job)
    case .retryFailures: people.didRetry(at: now)
    // Its goodbye may get lost; then it looks as if it had died.
    case .drain: deaths += 1
    case .submit, .setPriority: break
    }
  }
}
