import Coordinator
import Logging

/// All routes there are, and what works behind them.
package struct FleetAPIRoutes: Sendable {
  /// Those of the OpenAPI document.
  package let described: [Route]
  /// The dashboard's files, and the document.
  package let pages = PageRoutes().routes
  private let live: LiveResults
  private let reporter: Reporter?

  package init(_ options: FleetAPIOptions, desk: FleetDesk, metrics: HTTPMetrics, logger: Logger) {
    let limits = options.limits
    let runs = RunsOnDisk(results: options.results)
    live = LiveResults(options, logger: logger)
    reporter = Reporter(options, desk: desk, logger: logger)
    let submit = SubmitRoutes(
      desk: desk, compiler: JobCompiler(options, logger: logger),
      analyses: options.results.map { SubmittedAnalyses(results: $0) }, limits: limits)
    let fleet = FleetRoutes(desk: desk, metrics: metrics, version: options.version, stale: limits.stale)
    let export = ExportRoutes(
      desk: desk, runs: runs, program: ChildProgram(options.program), slots: Slots(limits.exports, waiting: 64),
      logger: logger)
    let events = EventRoutes(desk: desk, hub: EventHub(desk, version: options.version, limit: limits.watchers))
    described =
      JobRoutes(desk: desk, limits: limits).routes + submit.routes + ResultRoutes(runs: runs, live: live).routes
      + export.routes + WorkerRoutes(desk: desk).routes + fleet.routes + events.routes
  }

  var all: [Route] { described + pages }

  /// Works until the task is cancelled.
  func run() async {
    await reporter?.run()
    // Without reports there is still something to clean up at the end.
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    await live.close()
  }
}
