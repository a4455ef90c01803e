import FleetAPI
import HTTPTypes
import Testing

struct RefusedAskersTests {
  private let askers = RefusedAskers()
  private let start = ContinuousClock.now

  private func line(_ status: HTTPResponse.Status, after seconds: Int) -> String? {
    askers.line(on: status, "no token", from: "10.0.0.3", at: start + .seconds(seconds))
  }

  @Test("the first refusal of a kind is told at once, more of them ten seconds later with their number")
  func tellsNowAndThen() {
    #expect(line(.unauthorized, after: 0) == "refused an HTTP request from 10.0.0.3: no token")
    #expect(line(.unauthorized, after: 1) == nil)
    #expect(line(.unauthorized, after: 9) == nil)
    #expect(line(.forbidden, after: 9) != nil, "of another kind")
    #expect(
      line(.unauthorized, after: 10) == "refused an HTTP request from 10.0.0.3 (and 2 since the line before): no token")
    #expect(line(.unauthorized, after: 11) == nil)
  }

  @Test(
    "what is refused for other reasons is not told here", arguments: [HTTPResponse.Status.ok, .notFound, .badRequest])
  func leavesOthersOut(status: HTTPResponse.Status) {
    #expect(line(status, after: 0) == nil)
  }
}
