import Analysis
import Foundation
import ResultStore
import SweepSpec

/// Asks a run's results the questions of its analyses.
enum RunAnalyses {
  /// What one analysis answered.
  typealias Answer = (name: String, result: AnalysisResult)

  /// Runs analyses over what is committed and replaces the run's findings in its catalogue with theirs. An analysis that
  /// has no answer on this run is noted on standard error and left out.
  ///
  /// - Parameters:
  ///   - directory: of the run.
  ///   - analyses: of its job file; those suggested for the job where nil.
  /// - Throws: `StoreError` where the run cannot be read or written to.
  static func analyse(_ directory: URL, _ analyses: [any AnalysisSpec]?) throws -> [Answer] {
    let run = try RunData(ResultReader(directory))
    let asked = analyses?.compactMap { $0 as? any Analysis } ?? Analyses.suggested(for: run.job)
    var answers: [Answer] = []
    for analysis in asked {
      let name = type(of: analysis).name
      do {
        answers.append((name, try analysis.run(on: run)))
      } catch let error as AnalysisError {
        Output.note("\(name): \(error)")
      }
    }
    let findings = answers.flatMap { name, result in
      // A mean of nothing is no finding.
      result.findings.filter(\.value.isFinite).map { StoredFinding($0, of: name) }
    }
    try FindingStore(directory).replace(findings)
    return answers
  }
}
