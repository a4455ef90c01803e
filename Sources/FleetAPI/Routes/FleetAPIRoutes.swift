import Coordinator
import Logging

/// All routes there are.
enum FleetAPIRoutes {
  static func all(_ options: FleetAPIOptions, desk: FleetDesk, metrics: HTTPMetrics, logger: Logger) -> [Route] {
    let limits = options.limits
    let hub = EventHub(desk, version: options.version, limit: limits.watchers)
    let fleet = FleetRoutes(desk: desk, metrics: metrics, version: options.version, stale: limits.stale)
    return JobRoutes(desk: desk, limits: limits).routes + WorkerRoutes(desk: desk).routes + fleet.routes
      + EventRoutes(desk: desk, hub: hub).routes + PageRoutes().routes
  }
}
