import SonarModel

/// What a study came to: `study.json`.
public struct StudyResult: Hashable, Sendable, Codable {
  public enum JobStatus: String, Hashable, Sendable, Codable {
    case done
    /// It is done, but some of its units failed.
    case unitsFailed = "some units failed"
    case failed
    /// A job it needs failed.
    case notRun = "not run"
  }

  public struct JobResult: Hashable, Sendable, Codable {
    public let name: String
    /// The id of its results; nil where it has none.
    public let id: String?
    public let status: JobStatus
    public let units: UInt64
    public let failedUnits: UInt64
    /// Why it failed or was not run; else empty.
    public let problem: String

    public init(
      name: String, id: String? = nil, status: JobStatus, units: UInt64 = 0, failedUnits: UInt64 = 0,
      problem: String = ""
    ) {
      (self.name, self.id, self.status) = (name, id, status)
      (self.units, self.failedUnits, self.problem) = (units, failedUnits, problem)
    }
  }

  public struct ClaimResult: Hashable, Sendable, Codable {
    public let claim: String
    public let source: String
    public let question: Claim.Question
    /// In words: `above 0.9`.
    public let condition: String
    public let verdict: Verdict
    /// Nil where there is none.
    public let finding: StudyFinding?
    /// Why it is undecided; else empty.
    public let reason: String
  }

  public let study: String
  public let model: String
  public let precision: String
  public let modelFingerprint: String
  public let jobs: [JobResult]
  public let claims: [ClaimResult]

  /// - Parameters:
  ///   - model: of the study's first job that could be read.
  ///   - findings: by the names of the jobs that came to their end.
  public init(_ study: Study, model: JobSpec.Model?, jobs: [JobResult], findings: [String: [StudyFinding]]) {
    self.study = study.name
    self.model = model?.name ?? "none"
    precision = model?.precisionName ?? "none"
    modelFingerprint = model?.fingerprint.rawValue ?? ""
    self.jobs = jobs
    claims = study.claims.map { claim in
      let judgement = claim.judge(findings[claim.question.job])
      return ClaimResult(
        claim: claim.text, source: claim.source, question: claim.question,
        condition: claim.condition.description, verdict: judgement.verdict, finding: judgement.finding,
        reason: judgement.reason)
    }
  }

  /// 0 where every job is done, 2 where units failed, 1 where a job did.
  public var exitCode: Int32 {
    if jobs.contains(where: { $0.status == .failed || $0.status == .notRun }) { return 1 }
    return jobs.contains { $0.status == .unitsFailed } ? 2 : 0
  }
}

extension StudyResult.ClaimResult {
  /// The finding as people read it: `0.98 (0.96 to 0.99), n = 320`.
  public var measured: String {
    guard let finding else { return "-" }
    let interval = finding.low.flatMap { low in
      finding.high.map { " (\(Self.short(low)) to \(Self.short($0)))" }
    }
    let p = finding.pValue.map { ", p = \(Self.short($0))" }
    return "\(Self.short(finding.value))\(interval ?? "")\(p ?? ""), n = \(finding.n)"
  }

  /// Three digits that matter.
  private static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    let magnitude = value.magnitude
    guard magnitude >= 1e-4, magnitude < 1e6 else { return "\(value)" }
    var factor = 1.0
    while magnitude * factor < 100 { factor *= 10 }
    let rounded = (value * factor).rounded() / factor
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
