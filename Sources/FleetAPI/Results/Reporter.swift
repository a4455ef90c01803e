import Coordinator
import Foundation
import Logging
import ResultStore
import SweepSpec

/// Makes the report of every job that is done, one after the other: `sonarsweep report`.
struct Reporter: Sendable {
  private let desk: FleetDesk
  private let results: URL
  private let limits: FleetAPILimits
  private let program: ChildProgram
  private let logger: Logger

  /// Nil where there are no results.
  init?(_ options: FleetAPIOptions, desk: FleetDesk, logger: Logger) {
    guard let results = options.results else { return nil }
    (self.desk, self.results, self.logger) = (desk, results, logger)
    (limits, program) = (options.limits, ChildProgram(options.program))
  }

  /// Runs until the desk closes or the task is cancelled.
  func run() async {
    // Done, and reported or tried: one that is computed again is reported again.
    var handled: Set<JobID> = []
    var isFirst = true
    for await view in desk.views() {
      let done = view.jobs.filter { $0.phase == .done }
      handled.formIntersection(done.map(\.id))
      for job in done where handled.insert(job.id).inserted {
        // What ended before this process began may have been reported then.
        if isFirst, hasReport(job.id) { continue }
        await report(job.id)
        if Task.isCancelled { return }
      }
      isFirst = false
    }
  }

  private func hasReport(_ job: JobID) -> Bool {
    FileManager.default.fileExists(
      atPath: ResultStore.directory(of: job, in: results).appending(path: "report.html").path)
  }

  private func report(_ job: JobID) async {
    do {
      let ending = try await program.run(
        ["report", job.rawValue, "--results", results.path, "--nice", "10"], within: limits.analysis)
      if ending.code != 0 { logger.warning("report of \(job): \(ending.error.suffix(2000))") }
    } catch is CancellationError {
    } catch {
      logger.error("the report of \(job) was not made: \(error); by hand: sonarsweep report \(job)")
    }
  }
}
