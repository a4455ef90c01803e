import Coordinator
import FleetProtocol
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Workers: see and drain.
struct WorkerRoutes: Sendable {
  let desk: FleetDesk

  var routes: [Route] {
    [
      Route(.get, "/api/v1/workers", .read) { request, _ in
        _ = try Query(request)
        return JSONAnswer.response(WorkersForm(desk.view))
      },
      Route(.post, "/api/v1/workers/{worker}/drain", .admin, handler: drain),
    ]
  }

  private func drain(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try Query(request)
    let id = InstanceID(rawValue: try context.parameter("worker", longest: 64))
    switch await desk.ask(.drain(id)) {
    case .worker(let view): return JSONAnswer.response(WorkerForm(view))
    case .job: throw Problem(.internalServerError, "the coordinator answered with a job")
    case .refused(let refusal): throw Problem(refusal)
    }
  }
}
