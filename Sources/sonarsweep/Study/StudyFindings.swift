import Foundation
import ResultStore
import SweepSpec

/// The findings of a run, as claims look at them.
enum StudyFindings {
  static func read(_ run: URL) throws -> [StudyFinding] {
    try ResultReader(run).findings().map { finding in
      StudyFinding(
        analysis: finding.analysis, measure: finding.measure, labels: finding.labels, value: finding.value,
        low: finding.low, high: finding.high, pValue: finding.pValue, n: finding.n)
    }
  }
}
