import Coordinator
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Monitoring
import NIOCore

/// The fleet, its health and its metrics.
struct FleetRoutes: Sendable {
  let desk: FleetDesk
  let metrics: HTTPMetrics
  let version: String
  let stale: Duration

  var routes: [Route] {
    [
      Route(.get, "/api/v1/fleet", .read) { request, _ in
        _ = try Query(request)
        return JSONAnswer.response(FleetForm(desk.view, version: version))
      },
      Route(.get, "/api/v1/identity", .read) { request, context in
        _ = try Query(request)
        return JSONAnswer.response(context.identity)
      },
      Route(.get, "/healthz", nil) { request, _ in try health(request, problem: loopProblem) },
      Route(.get, "/readyz", nil) { request, _ in try health(request, problem: commitProblem) },
      Route(.get, "/metrics", .read, gives: ["text/plain"]) { request, _ in
        _ = try Query(request)
        let text = PrometheusText.render(desk.view.metrics + metrics.families() + ProcessMetrics.families())
        return Response(
          status: .ok, headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
          body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
      },
    ]
  }

  private func health(_ request: Request, problem: String) throws -> Response {
    _ = try Query(request)
    return JSONAnswer.response(HealthForm(problem: problem), status: problem.isEmpty ? .ok : .serviceUnavailable)
  }

  private var loopProblem: String {
    desk.age > stale ? "the coordinator's loop has not gone round for \(Int(desk.age / .seconds(1))) s" : ""
  }

  private var commitProblem: String {
    if !loopProblem.isEmpty { return loopProblem }
    let view = desk.view
    guard let aggregator = view.aggregator else { return "there is no aggregator" }
    return aggregator.problem.isEmpty ? view.problem : aggregator.problem
  }
}
