import SweepSpec

/// Rows with a class and a group each, as a classifier is fitted to; a sample of whole groups where there are many.
package struct ClassifiedRows {
  /// Newton's steps cost rows × dim².
  private static let mostRows = 5000

  /// About their mean, [n, dim].
  package let rows: RealMatrix
  package let mean: [Double]
  /// Indices into `names`.
  package let classes: [Int]
  /// Of the classes that have rows.
  package let names: [String]
  package let groups: [UInt64]
  /// How many units there are, in the sample or not.
  package let all: Int

  package init(_ units: UnitRows, class name: String, group: String?) throws {
    let label = try units.labels.find(name)
    let groupOf = try UnitGroups(units.labels, class: label, group: group)
    let sample = Sample(min(Self.mostRows, (1 << 24) / max(units.dim, 1)), of: units.count)
    var (values, ids, groups, all): ([Double], [Int], [UInt64], Int) = ([], [], [], 0)
    try units.forEachUnit { unit, row in
      all += 1
      let group = groupOf.id(unit)
      guard sample.contains(group) else { return }
      values.append(contentsOf: row.lazy.map(Double.init))
      ids.append(label.id(at: unit.coordinates[label.axis]))
      groups.append(group)
    }
    let seen = Set(ids).sorted()
    guard seen.count >= 2 else { throw AnalysisError("there are not two values of '\(name)' with units that are done") }
    guard seen.count <= 64 else { throw AnalysisError("'\(name)' has more than 64 values; select some") }
    let matrix = RealMatrix(rows: ids.count, columns: units.dim, values: values)
    mean = matrix.mean
    rows = matrix.subtracting(mean)
    classes = ids.map { seen.firstIndex(of: $0) ?? 0 }
    names = seen.map(label.value)
    (self.groups, self.all) = (groups, all)
  }

  package var count: Int { rows.rows }

  /// The mean squared distance from the mean: the scale that regularisation is relative to.
  package var variance: Double { rows.values.reduce(0) { $0 + $1 * $1 } / Double(max(count, 1)) }
}
