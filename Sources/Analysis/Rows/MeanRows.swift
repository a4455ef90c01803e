import SweepSpec

extension UnitRows {
  /// The means over some axes: one row per combination of the others, as units of a sweep without those axes.
  package func mean(over names: [String]) throws -> UnitRows {
    let kept = labels.all.filter { !$0.isAttribute && $0.name != Labels.target && !names.contains($0.name) }
    let grouping = try Grouping(kept)
    var means = try GroupMeans(groups: grouping.count, dim: dim)
    try forEachUnit { means.add($1, to: grouping.id($0.coordinates)) }
    let missing = [Float](repeating: .nan, count: dim)
    return try UnitRows(
      axes: kept.map { axes[$0.axis] },
      rows: (0..<grouping.count).map { means.mean($0)?.map(Float.init) ?? missing })
  }
}
