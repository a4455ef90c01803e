import FleetClient
import Foundation
import Testing

@Suite("Answers that are no success")
struct ProblemDocumentTests {
  private func error(_ status: Int, _ body: String) -> FleetClientError {
    ProblemDocument.error(
      status: status, body: Data(body.utf8), subject: "job 'x'", coordinator: "http://127.0.0.1:5780")
  }

  @Test("mistakes of a job come one by one")
  func mistakes() {
    let body = #"{"type":"about:blank","title":"t","status":422,"detail":"d","mistakes":["a.yaml:1: name: b","c"]}"#
    #expect(error(422, body).code == .mistakes(["a.yaml:1: name: b", "c"]))
  }

  @Test("a missing token and a role that is too small say what to do")
  func tokens() {
    let problem = #"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"this wants a token"}"#
    #expect(error(401, problem).code == .unauthenticated)
    #expect(error(401, problem).description.hasPrefix("this wants a token"))
    #expect(error(401, "").description.contains("--token-file FILE"))
    let without = ProblemDocument.error(
      status: 401, body: Data(problem.utf8), subject: "job 'x'", hasToken: false, coordinator: "http://127.0.0.1:5780")
    #expect(without.description.hasPrefix("http://127.0.0.1:5780 wants a token. Give one by --token-file FILE"))
    #expect(error(403, "").code == .forbidden)
  }

  @Test("what a proxy says is told apart from what a coordinator says")
  func proxy() {
    #expect(error(404, "<html>").description.contains("knows no job 'x'"))
    #expect(error(404, #"{"detail":"there is no job 'x'"}"#).description == "there is no job 'x'")
    #expect(error(502, "<html>Bad Gateway").isPassing)
    #expect(!error(409, #"{"detail":"it has ended"}"#).isPassing)
  }
}
