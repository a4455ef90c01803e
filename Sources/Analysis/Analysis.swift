import ResultStore
import SweepSpec

/// One question to a run's results. One analysis is one file and one line in `Analyses.all`.
public protocol Analysis: AnalysisSpec {
  /// What is worth asking of a job that names no analyses; empty where it does not fit.
  static func suggested(for job: Job) -> [Self]

  /// The answer, from committed units only. Reads arrays in a stream: memory does not grow with the run.
  func run(on run: RunData) throws -> AnalysisResult
}

/// What an analysis answered.
public struct AnalysisResult: Sendable {
  public var findings: [Finding]
  public var figures: [Figure]

  public init(findings: [Finding] = [], figures: [Figure] = []) {
    self.findings = findings
    self.figures = figures
  }
}
