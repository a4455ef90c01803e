import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging

/// Every request's way: its route, who asks, what it may say, its answer; all that goes wrong becomes a problem document.
struct APIResponder: HTTPResponder {
  let table: RouteTable
  let doorkeeper: Doorkeeper
  let metrics: HTTPMetrics
  let refusedAskers = RefusedAskers()
  let logger: Logger

  func respond(to request: Request, context: APIContext) async throws -> Response {
    let start = ContinuousClock.now
    let match = table.match(request.method, request.uri.path)
    var response: Response
    do {
      response = try await answer(request, match, context)
    } catch let problem as Problem {
      response = problem.response()
      let line = refusedAskers.line(on: problem.status, problem.detail, from: context.address, at: .now)
      if let line { logger.warning("\(line)") }
    } catch let error as any HTTPResponseError {
      response = Problem(error.status, "the request cannot be taken: \(error)").response()
    } catch let error as CancellationError {
      throw error
    } catch {
      logger.error("\(request.method) \(request.uri.path): \(error)")
      response = Problem(.internalServerError, "something went wrong here; the coordinator's log says what").response()
    }
    SecurityHeaders.add(to: &response)
    if request.method == .head { response.body = ResponseBody() }
    let route: String? = if case .route(let route, _) = match { route.path } else { nil }
    metrics.count(request.method, route, response.status, seconds: (ContinuousClock.now - start) / .seconds(1))
    return response
  }

  private func answer(_ request: Request, _ match: RouteTable.Match, _ context: APIContext) async throws -> Response {
    switch match {
    case .none:
      _ = try doorkeeper.admit(request, role: nil)
      throw Problem(.notFound, "there is nothing at \(request.uri.path.prefix(200)); see /openapi.yaml")
    case .otherMethods(let methods):
      _ = try doorkeeper.admit(request, role: nil)
      let allowed = methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] }.joined(separator: ", ")
      var problem = Problem(.methodNotAllowed, "this takes \(allowed), not \(request.method.rawValue)")
      problem.headers[.allow] = allowed
      throw problem
    case .route(let route, let parameters):
      var context = context
      context.identity = try doorkeeper.admit(request, role: route.role)
      context.admit = { [doorkeeper] in _ = try doorkeeper.admit(request, role: route.role) }
      context.path = parameters
      try MediaTypes.checkAnswer(request, route)
      try MediaTypes.checkBody(request, route)
      return try await route.handler(request, context)
    }
  }
}
