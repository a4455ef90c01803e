import ArgumentParser
import FleetClient
import Foundation
import TerminalView

/// Follows jobs of a fleet until all of them have ended, over restarts of the coordinator.
struct JobWatch {
  let configuration: ClientConfiguration
  /// As they stood last.
  let jobs: [RemoteJob]
  let quiet: Bool
  /// What was said about the coordinator, to be typed again.
  let typed: String

  /// - Returns: the jobs as they ended, in the same order.
  /// - Throws: `ExitCode(130)` after Ctrl-C, which only stops watching; `FleetClientError`.
  func run() throws -> [RemoteJob] {
    let stop = try StopSignal()
    let (configuration, jobs, quiet) = (configuration, jobs, quiet)
    do {
      return try Asynchronous.run(until: stop) {
        try await CoordinatorClient.with(configuration) { client in
          var follower = Follower(jobs: jobs, display: JobProgressDisplay(quiet: quiet))
          defer { follower.display.end() }
          try await follower.follow(client)
          return follower.jobs
        }
      }
    } catch is Asynchronous.Stopped {
      let names = jobs.map(\.id).joined(separator: " ")
      Output.note("stopped watching; the fleet goes on. To watch again: sonarsweep watch \(names)\(typed)")
      throw ExitCode(130)
    }
  }

  /// 0; 2 where units failed, 1 where a job failed or was cancelled.
  static func exitCode(_ jobs: [RemoteJob]) -> ExitCode {
    if jobs.contains(where: { $0.phase == .failed || $0.phase == .cancelled }) { return ExitCode(1) }
    return ExitCode(jobs.contains { $0.failed > 0 } ? 2 : 0)
  }
}

private struct Follower {
  private(set) var jobs: [RemoteJob]
  var display: JobProgressDisplay
  private let places: [String: Int]
  private var isLost = false

  private static let firstPause = Duration.milliseconds(200)
  private static let longestPause = Duration.seconds(2)

  init(jobs: [RemoteJob], display: JobProgressDisplay) {
    (self.jobs, self.display) = (jobs, display)
    places = Dictionary(jobs.enumerated().map { ($1.id, $0) }) { first, _ in first }
  }

  private var isDone: Bool { jobs.allSatisfy(\.phase.hasEnded) }

  mutating func follow(_ client: CoordinatorClient) async throws {
    display.update(jobs)
    var pause = Self.firstPause
    while !isDone {
      do {
        // A coordinator that was started anew may not know them any more, which no event would tell.
        for job in jobs where !job.phase.hasEnded { take(try await client.job(job.id)) }
        pause = Self.firstPause
        if isDone { return }
        try await stream(client)
        if !isDone { throw FleetClientError(.noAnswer, "\(client.coordinator) ended the connection") }
      } catch let error as FleetClientError where error.isPassing {
        if !isLost { display.note("\(error); trying again") }
        isLost = true
        try await Task.sleep(for: pause)
        pause = min(pause * 2, Self.longestPause)
      }
    }
  }

  private mutating func stream(_ client: CoordinatorClient) async throws {
    var taken = self
    defer { self = taken }
    try await client.watch(job: jobs.count == 1 ? jobs[0].id : nil) { event in
      if case .job(let job) = event { taken.take(job) }
      return !taken.isDone
    }
  }

  private mutating func take(_ job: RemoteJob) {
    guard let place = places[job.id] else { return }
    if isLost {
      isLost = false
      display.note("the coordinator answers again")
    }
    let hadEnded = jobs[place].phase.hasEnded
    jobs[place] = job
    if job.phase.hasEnded, !hadEnded { display.note(JobProgress.ending(job)) }
    if !isDone { display.update(jobs) }
  }
}
