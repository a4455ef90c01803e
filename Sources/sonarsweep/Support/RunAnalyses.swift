import Analysis
import Foundation
import ResultStore
import SweepSpec

/// Asks a run's results the questions of its analyses.
enum RunAnalyses {
  /// What one analysis answered.
  struct Answer {
    let name: String
    let summary: String
    let result: AnalysisResult
    /// Why there is no answer; nil where there is one.
    let problem: String?
  }

  /// Runs analyses over what is committed and replaces the run's findings in its catalogue with theirs. An analysis that
  /// has no answer on this run says why, and costs no other its answer.
  ///
  /// - Parameters:
  ///   - directory: of the run.
  ///   - analyses: of its job file; those suggested for the job where nil.
  ///   - storing: whether to replace the run's findings; the run is left as it is where not.
  /// - Throws: `StoreError` where the run cannot be read or written to.
  static func analyse(_ directory: URL, _ analyses: [any AnalysisSpec]?, storing: Bool = true) throws -> [Answer] {
    let run = try RunData(ResultReader(directory))
    let asked = analyses?.compactMap { $0 as? any Analysis } ?? Analyses.suggested(for: run.job)
    let answers = asked.map { answer($0, run) }
    if storing { try FindingStore(directory).replace(findings(of: answers)) }
    return answers
  }

  /// As a catalogue holds them.
  static func findings(of answers: [Answer]) -> [StoredFinding] {
    answers.flatMap { answer in answer.result.findings.map { StoredFinding($0, of: answer.name) } }
  }

  private static func answer(_ analysis: any Analysis, _ run: RunData) -> Answer {
    let (name, summary) = (type(of: analysis).name, type(of: analysis).summary)
    do {
      var result = try analysis.run(on: run)
      // A mean of nothing is no finding.
      result.findings.removeAll { !$0.value.isFinite }
      return Answer(name: name, summary: summary, result: result, problem: nil)
    } catch {
      return Answer(name: name, summary: summary, result: AnalysisResult(), problem: "\(error)")
    }
  }
}
