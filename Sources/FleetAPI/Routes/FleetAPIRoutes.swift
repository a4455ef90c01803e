import Coordinator
import Logging

/// All routes there are.
enum FleetAPIRoutes {
  static func all(_ options: FleetAPIOptions, desk: FleetDesk, metrics: HTTPMetrics, logger: Logger) -> [Route] {
    let limits = options.limits
    let hub = EventHub(desk, version: options.version, limit: limits.watchers)
    let fleet = FleetRoutes(desk: desk, metrics: metrics, version: options.version, stale: limits.stale)
    let analyses = options.results.map { SubmittedAnalyses(results: $0) }
    let submit = SubmitRoutes(
      desk: desk, compiler: JobCompiler(options, logger: logger), analyses: analyses, limits: limits)
    return submit.routes + JobRoutes(desk: desk, limits: limits).routes + WorkerRoutes(desk: desk).routes + fleet.routes
      + EventRoutes(desk: desk, hub: hub).routes + PageRoutes().routes
  }
}
