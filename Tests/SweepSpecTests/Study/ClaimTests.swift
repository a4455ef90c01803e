import SweepSpec
import Testing

@Suite("A claim and the finding that decides it")
struct ClaimTests {
  private func claim(_ bounds: ClaimCondition.Bounds, p: Double? = nil, labels: [String: String] = [:]) -> Claim {
    Claim(
      text: "c", source: "s",
      question: .init(job: "j", analysis: "success", measure: "exact_match_rate", labels: labels),
      condition: ClaimCondition(bounds, pBelow: p))
  }

  private func finding(
    _ value: Double, _ low: Double? = nil, _ high: Double? = nil, p: Double? = nil, labels: [String: String] = [:]
  ) -> StudyFinding {
    StudyFinding(
      analysis: "success", measure: "exact_match_rate", labels: labels, value: value, low: low, high: high, pValue: p,
      n: 10)
  }

  @Test(
    "holds where the whole interval does, fails where the whole interval fails, else is undecided",
    arguments: [
      (.above(0.9), 0.95, 0.92, 0.97, .holds), (.above(0.9), 0.95, 0.88, 0.97, .undecided),
      (.above(0.9), 0.85, 0.8, 0.92, .undecided), (.above(0.9), 0.85, 0.8, 0.88, .doesNotHold),
      (.above(0.9), 0.85, 0.8, 0.9, .doesNotHold), (.below(0.1), 0.05, 0.01, 0.09, .holds),
      (.below(0.1), 0.05, 0.01, 0.11, .undecided), (.below(0.1), 0.2, 0.1, 0.3, .doesNotHold),
      (.between(0.4, 0.6), 0.5, 0.4, 0.6, .holds), (.between(0.4, 0.6), 0.5, 0.39, 0.55, .undecided),
      (.between(0.4, 0.6), 0.7, 0.61, 0.8, .doesNotHold), (.between(0.4, 0.6), 0.3, 0.2, 0.39, .doesNotHold),
    ] as [(ClaimCondition.Bounds, Double, Double, Double, Verdict)])
  func intervals(bounds: ClaimCondition.Bounds, value: Double, low: Double, high: Double, verdict: Verdict) {
    #expect(claim(bounds).judge([finding(value, low, high)]).verdict == verdict)
  }

  @Test("without an interval the value alone decides; what is not a number decides nothing")
  func noInterval() {
    #expect(claim(.above(0.9)).judge([finding(0.91)]).verdict == .holds)
    #expect(claim(.above(0.9)).judge([finding(0.9)]).verdict == .doesNotHold)
    #expect(claim(.above(0.9)).judge([finding(.nan)]).verdict == .undecided)
  }

  @Test("a p-value that is asked for must be there and small")
  func pValues() {
    #expect(claim(.below(0), p: 0.01).judge([finding(-0.9, p: 0.001)]).verdict == .holds)
    #expect(claim(.below(0), p: 0.01).judge([finding(-0.9, p: 0.02)]).verdict == .undecided)
    #expect(claim(.below(0), p: 0.01).judge([finding(-0.9)]).verdict == .undecided)
    #expect(claim(.below(0), p: 0.01).judge([finding(0.5, p: 0.5)]).verdict == .doesNotHold)
  }

  @Test("without its finding, or its job, a claim is undecided and says why")
  func missing() {
    #expect(claim(.above(0)).judge(nil).reason.contains("did not come to its end"))
    #expect(claim(.above(0)).judge([]).reason.contains("no success finding 'exact_match_rate'"))
    let other = claim(.above(0), labels: ["filler": "the"]).judge([finding(1, labels: ["filler": "_"])])
    #expect(other.verdict == .undecided)
    #expect(other.reason.contains("filler=the"))
  }

  @Test("labels choose among findings: the one that has these and the fewest others")
  func labels() {
    let findings = [
      finding(0.1), finding(0.2, labels: ["filler": "_"]), finding(0.3, labels: ["filler": "the", "token": "dog"]),
      finding(0.4, labels: ["filler": "the", "token": "cat"]),
    ]
    #expect(claim(.above(0)).judge(findings).finding?.value == 0.1)
    #expect(claim(.above(0), labels: ["filler": "_"]).judge(findings).finding?.value == 0.2)
    #expect(claim(.above(0), labels: ["token": "cat"]).judge(findings).finding?.value == 0.4)
    #expect(claim(.above(0), labels: ["filler": "the"]).judge(findings).reason.contains("2 findings fit"))
  }
}
