import Analysis
import Foundation
import ResultStore
import SweepSpec

/// Weight directions of linear probes, as the `logistic` analysis fits them.
struct ProbeWeights: WeightFitting {
  func weightDirection(
    of run: any RunEmbeddings, class name: String, among selection: [String: [String]]
  ) throws -> [Float] {
    guard let run = run as? StoredEmbeddings else { throw SweepError("\(run.job.id) has no results to fit a probe to") }
    do {
      return try Logistic.weightDirection(of: RunData(ResultReader(run.directory)), class: name, select: selection)
    } catch let error as AnalysisError {
      throw SweepError("\(error)")
    }
  }
}
