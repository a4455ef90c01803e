/// Groups of units by the values of some labels; one group of all of them where there are none.
package struct Grouping: Sendable {
  package let labels: [Label]
  package let count: Int

  /// Beyond, a table of groups would not fit in memory.
  private static let mostGroups = 1 << 20

  /// Throws `AnalysisError` where there would be too many groups.
  package init(_ labels: [Label]) throws {
    self.labels = labels
    var count = 1
    for label in labels {
      let (product, overflow) = count.multipliedReportingOverflow(by: label.count)
      guard !overflow, product <= Self.mostGroups else {
        throw AnalysisError(
          "\(labels.map(\.name).joined(separator: " × ")) makes more than \(Self.mostGroups) groups; select fewer values"
        )
      }
      count = product
    }
    self.count = count
  }

  /// The group of a unit's coordinates.
  package func id(_ coordinates: [Int]) -> Int {
    labels.reduce(0) { $0 * $1.count + $1.id(at: coordinates[$1.axis]) }
  }

  /// The value ids of a group, one per label.
  package func values(_ id: Int) -> [Int] {
    var (rest, values) = (id, [Int](repeating: 0, count: labels.count))
    for i in labels.indices.reversed() { (rest, values[i]) = (rest / labels[i].count, rest % labels[i].count) }
    return values
  }

  /// The values of a group by label.
  package func describe(_ id: Int) -> [String: String] {
    Dictionary(uniqueKeysWithValues: zip(labels, values(id)).map { ($0.name, $0.value($1)) })
  }

  /// The values of a group as one text, for figures.
  package func title(_ id: Int) -> String {
    labels.isEmpty ? "all" : zip(labels, values(id)).map { $0.value($1) }.joined(separator: ", ")
  }
}
