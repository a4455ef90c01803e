import Analysis
import Testing

extension AnalysisResult {
  /// The only finding of a measure with these labels, among others.
  func finding(_ measure: String, _ labels: [String: String] = [:]) throws -> Finding {
    let found = findings.filter { finding in
      finding.measure == measure && labels.allSatisfy { finding.labels[$0] == $1 }
    }
    try #require(found.count == 1, "\(found.count) findings \(measure) \(labels)")
    return found[0]
  }

  func value(_ measure: String, _ labels: [String: String] = [:]) throws -> Double {
    try finding(measure, labels).value
  }
}

func isNear(_ a: Double, _ b: Double, within error: Double = 1e-6) -> Bool { abs(a - b) <= error * max(1, abs(b)) }
