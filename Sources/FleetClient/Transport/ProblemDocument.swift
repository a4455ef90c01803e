import Foundation

/// What an answer says that is not a success: RFC 9457's problem document, or what a proxy in between says.
package struct ProblemDocument: Decodable {
  let title: String?
  let detail: String?
  let mistakes: [String]?

  /// The error that an answer means.
  ///
  /// - Parameters:
  ///   - subject: what was asked for, as `job 'position'`, for an answer that says nothing.
  ///   - hasToken: whether a token was sent.
  ///   - coordinator: the URL.
  package static func error(status: Int, body: Data, subject: String, hasToken: Bool = true, coordinator: String)
    -> FleetClientError
  {
    let problem = try? JSONDecoder().decode(ProblemDocument.self, from: body)
    // What a URL is there is a command here.
    let said = problem.flatMap { $0.detail ?? $0.title }?.replacing("see /api/v1/jobs", with: "see: sonarsweep jobs")
    func message(_ fallback: String, _ fix: String) -> String { "\(said ?? fallback)\(fix)" }
    switch (status, problem?.mistakes) {
    case (422, let mistakes?) where !mistakes.isEmpty:
      return FleetClientError(.mistakes(mistakes), message("the job has mistakes", ""))
    case (401, _):
      return FleetClientError(
        .unauthenticated,
        ((hasToken ? said : nil) ?? "\(coordinator) wants a token")
          + ". Give one by --token-file FILE, SONARSWEEP_TOKEN or the configuration file; "
          + "'sonarsweep tokens add' makes one where the coordinator runs")
    case (403, _):
      return FleetClientError(
        .forbidden,
        message("the token does not allow this", "")
          + ". Whoever runs the fleet gives tokens with more rights: 'sonarsweep tokens add --help'")
    case (404, _):
      // Whatever speaks no problem documents is no coordinator.
      return FleetClientError(
        .notFound, said ?? "\(coordinator) knows no \(subject); is it the URL of a coordinator's HTTP interface?")
    default:
      return FleetClientError(
        .refused(status: status), said ?? "\(coordinator) answered \(status), which is no answer of a coordinator")
    }
  }
}
