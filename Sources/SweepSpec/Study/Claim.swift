/// A sentence about a model that a finding decides.
public struct Claim: Hashable, Sendable {
  /// Which finding: of a job of the study, by an analysis, with these labels and as few others as there are.
  public struct Question: Hashable, Sendable, Codable {
    public let job: String
    public let analysis: String
    public let measure: String
    public let labels: [String: String]

    public init(job: String, analysis: String, measure: String, labels: [String: String] = [:]) {
      (self.job, self.analysis, self.measure, self.labels) = (job, analysis, measure, labels)
    }
  }

  public let text: String
  /// Who says so, and where.
  public let source: String
  public let question: Question
  public let condition: ClaimCondition

  public init(text: String, source: String, question: Question, condition: ClaimCondition) {
    (self.text, self.source, self.question, self.condition) = (text, source, question, condition)
  }

  /// What a run's findings say of the claim.
  ///
  /// - Parameter findings: the job's; nil where it did not come to its end.
  public func judge(_ findings: [StudyFinding]?) -> Judgement {
    guard let findings else {
      return Judgement(.undecided, because: "the job '\(question.job)' did not come to its end")
    }
    let asked = findings.filter { $0.analysis == question.analysis && $0.measure == question.measure }
    guard !asked.isEmpty else {
      return Judgement(.undecided, because: "\(question.job) has no \(question.analysis) finding '\(question.measure)'")
    }
    let fitting = asked.filter { finding in question.labels.allSatisfy { finding.labels[$0] == $1 } }
    // With the fewest labels beside those asked for: `{}` is the whole run's, not that of a part.
    let fewest = fitting.map(\.labels.count).min()
    let found = fitting.filter { $0.labels.count == fewest }
    guard let finding = found.first else {
      return Judgement(.undecided, because: "no '\(question.measure)' has the labels \(Self.text(question.labels))")
    }
    guard found.count == 1 else {
      return Judgement(
        .undecided,
        because: "\(found.count) findings fit, as \(Self.text(found[0].labels)) and \(Self.text(found[1].labels))")
    }
    return condition.judge(finding)
  }

  private static func text(_ labels: [String: String]) -> String {
    labels.isEmpty ? "(none)" : labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
  }
}

/// A finding as a claim looks at it.
public struct StudyFinding: Hashable, Sendable, Codable {
  public let analysis: String
  public let measure: String
  public let labels: [String: String]
  public let value: Double
  /// The ends of the 95% interval; nil without one.
  public let low: Double?
  public let high: Double?
  public let pValue: Double?
  public let n: Int

  public init(
    analysis: String, measure: String, labels: [String: String] = [:], value: Double, low: Double? = nil,
    high: Double? = nil, pValue: Double? = nil, n: Int
  ) {
    (self.analysis, self.measure, self.labels, self.value) = (analysis, measure, labels, value)
    (self.low, self.high, self.pValue, self.n) = (low, high, pValue, n)
  }
}

public enum Verdict: String, Hashable, Sendable, Codable {
  case holds
  case doesNotHold = "does not hold"
  case undecided
}

/// A verdict and what it rests on.
public struct Judgement: Hashable, Sendable {
  public let verdict: Verdict
  public let finding: StudyFinding?
  /// Why it is undecided; empty where the numbers say it.
  public let reason: String

  init(_ verdict: Verdict, _ finding: StudyFinding? = nil, because reason: String = "") {
    (self.verdict, self.finding, self.reason) = (verdict, finding, reason)
  }
}
