import ResultStore

/// A finding that several runs have: the same analysis, measure and labels.
public struct FindingComparison: Encodable, Sendable {
  public struct Value: Encodable, Sendable {
    public let value: Double
    /// The ends of the 95% interval; nil without one.
    public let low: Double?
    public let high: Double?
    public let n: Int
    /// From the first run that has the finding.
    public let difference: Double
    /// Whether the interval and that run's have a point in common; nil where one has none.
    public let overlaps: Bool?
  }

  public let analysis: String
  public let measure: String
  public let labels: [String: String]
  /// By run; nil where it has no such finding.
  public let values: [Value?]

  private struct Key: Hashable {
    let analysis: String
    let measure: String
    let labels: [String: String]
  }

  /// In the order of the runs' findings. A run that has the same finding twice, as of two analyses of one kind, is taken
  /// at its first.
  static func of(_ runs: [[StoredFinding]]) -> [FindingComparison] {
    var order: [Key] = []
    var byKey: [Key: [StoredFinding?]] = [:]
    for (i, findings) in runs.enumerated() {
      for finding in findings {
        let key = Key(analysis: finding.analysis, measure: finding.measure, labels: finding.labels)
        if byKey[key] == nil { order.append(key) }
        var row = byKey[key] ?? [StoredFinding?](repeating: nil, count: runs.count)
        row[i] = row[i] ?? finding
        byKey[key] = row
      }
    }
    return order.compactMap { key in
      guard let row = byKey[key], row.count(where: { $0 != nil }) > 1, let first = row.lazy.compactMap(\.self).first
      else { return nil }
      return FindingComparison(
        analysis: key.analysis, measure: key.measure, labels: key.labels,
        values: row.map { $0.map { Value($0, besides: first) } })
    }
  }
}

extension FindingComparison.Value {
  fileprivate init(_ finding: StoredFinding, besides first: StoredFinding) {
    (value, low, high, n) = (finding.value, finding.low, finding.high, finding.n)
    difference = finding.value - first.value
    overlaps =
      if let low = finding.low, let high = finding.high, let otherLow = first.low, let otherHigh = first.high {
        low <= otherHigh && otherLow <= high
      } else {
        nil
      }
  }
}
