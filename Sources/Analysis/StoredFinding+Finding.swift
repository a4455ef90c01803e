import ResultStore

extension StoredFinding {
  /// As the catalogue holds what an analysis found.
  public init(_ finding: Finding, of analysis: String) {
    self.init(
      analysis: analysis, question: finding.question, measure: finding.measure, labels: finding.labels,
      value: finding.value, low: finding.interval?.low, high: finding.interval?.high,
      method: finding.interval?.method, pValue: finding.pValue, n: finding.n)
  }
}
