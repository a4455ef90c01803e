import Coordinator
import FleetProtocol
import HTTPTypes
import Hummingbird
import HummingbirdCore
import SweepSpec

/// Jobs: see, change, cancel, pause, resume.
struct JobRoutes: Sendable {
  let desk: FleetDesk
  let limits: FleetAPILimits

  var routes: [Route] {
    [
      Route(.get, "/api/v1/jobs", .read) { request, _ in try list(request) },
      Route(.get, "/api/v1/jobs/{job}", .read) { request, context in
        _ = try Query(request)
        return JSONAnswer.response(JobForm(try desk.view.job(named: context.parameter("job"))))
      },
      Route(.patch, "/api/v1/jobs/{job}", .submit, takes: ["application/json"], handler: change),
      Route(.post, "/api/v1/jobs/{job}/cancel", .submit) { try await ask(FleetRequest.cancel, $0, $1) },
      Route(.post, "/api/v1/jobs/{job}/pause", .submit) { try await ask(FleetRequest.pause, $0, $1) },
      Route(.post, "/api/v1/jobs/{job}/resume", .submit) { try await ask(FleetRequest.resume, $0, $1) },
    ]
  }

  private func list(_ request: Request) throws -> Response {
    let query = try Query(request, "phase", "limit", "after")
    let (phase, limit) = (try query.choice("phase", JobView.Phase.self), try query.integer("limit", 1...1000) ?? 100)
    let view = desk.view
    let all = view.jobs.filter { phase == nil || $0.phase == phase }
    var rest = all[...]
    if let after = try query.text("after") {
      // Places are those in the list of all jobs: this one may have left its phase.
      guard let place = view.jobs.firstIndex(where: { $0.id.rawValue == after }) else {
        throw Problem(.notFound, "there is no job '\(after)' any more; start again from the first page")
      }
      rest = view.jobs[(place + 1)...].filter { phase == nil || $0.phase == phase }[...]
    }
    let page = rest.prefix(limit)
    return JSONAnswer.response(
      JobsForm(
        jobs: page.map { JobForm($0) }, total: all.count,
        next: OrNull(page.count < rest.count ? page.last?.id.rawValue : nil)))
  }

  private func change(_ request: Request, _ context: APIContext) async throws -> Response {
    let change = try await JSONBody.read(JobChange.self, request, limit: limits.bodyBytes, within: limits.body)
    guard let priority = JobPriority(rawValue: change.priority) else {
      throw Problem(.badRequest, "priority must be \(JobPriority.range.lowerBound) to \(JobPriority.range.upperBound)")
    }
    return try await ask({ .setPriority($0, priority) }, request, context)
  }

  private func ask(_ make: (JobID) -> FleetRequest, _ request: Request, _ context: APIContext) async throws -> Response
  {
    _ = try Query(request)
    let job = try desk.view.job(named: context.parameter("job"))
    return JSONAnswer.response(JobForm(try await desk.job(make(job.id)).view))
  }
}

/// What can be changed of a job.
private struct JobChange: StrictDecodable {
  static let keys: Set = ["priority"]
  let priority: Int
}

extension FleetDesk {
  /// Asks for something about a job.
  ///
  /// - Throws: `Problem` where it is refused.
  func job(_ request: FleetRequest) async throws -> (view: JobView, isNew: Bool) {
    switch await ask(request) {
    case .job(let view, let isNew): return (view, isNew)
    case .worker: throw Problem(.internalServerError, "the coordinator answered with a worker")
    case .refused(let refusal): throw Problem(refusal)
    }
  }
}

extension Problem {
  init(_ refusal: FleetRefusal) {
    let status: HTTPResponse.Status =
      switch refusal.code {
      case .unknown: .notFound
      case .conflict: .conflict
      case .full, .unavailable: .serviceUnavailable
      }
    self.init(status, refusal.description)
  }
}
