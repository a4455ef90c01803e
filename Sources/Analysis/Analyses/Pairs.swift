import SweepSpec

/// How near two values of an axis are for units that differ only there, such as a sentence in two languages, before and
/// after the mean difference is added.
///
/// Keys: `axis`, `values` (two of it; its first two), `array`, `select`. After: to each vector of the first value the mean
/// difference of the other pairs is added, so that no pair helps itself.
public struct Pairs: Analysis {
  public static let name = "pairs"
  public static let summary = "cosine and L2 of pairs along an axis, before and after adding the mean difference"

  var axis: String
  var values: [String]
  var rows: RowChoice

  public init?(reading mapping: YAMLMapping, of job: Job) {
    let names = job.sweep.axes.filter { $0.count >= 2 }.map(\.name)
    let axis = mapping.required("axis", "the axis pairs differ on, as language").flatMap { $0.choice(names) }
    let rows = RowChoice(reading: mapping, of: job)
    let values = mapping.optional("values")
    guard let axis, let rows, let label = Labels(of: job).label(axis) else { return nil }
    guard let values else {
      self.init(axis: axis, values: [label.value(0), label.value(1)], rows: rows)
      return
    }
    let read = values.distinctList { value -> String? in
      guard let word = value.word() else { return nil }
      if label.id(of: word) == nil { value.report("'\(word)' is no value of '\(axis)'") }
      return label.id(of: word) == nil ? nil : word
    }
    guard let read else { return nil }
    guard read.count == 2 else {
      values.report("\(read.count) values were found; a pair has two")
      return nil
    }
    self.init(axis: axis, values: read, rows: rows)
  }

  package init(axis: String, values: [String], rows: RowChoice = RowChoice()) {
    (self.axis, self.values, self.rows) = (axis, values, rows)
  }

  public static func suggested(for job: Job) -> [Pairs] {
    guard job.sweep.axes.count >= 2, let axis = job.sweep.axes.first(where: { $0.name == "language" }), axis.count >= 2
    else { return [] }
    // Every pair of a few languages.
    let count = min(axis.count, 4)
    return (0..<count).flatMap { a in
      (a + 1..<count).map { b in Pairs(axis: axis.name, values: [axis.label(at: a), axis.label(at: b)]) }
    }
  }

  public func run(on run: RunData) throws -> AnalysisResult { try answer(rows.rows(run)) }

  package func answer(_ units: UnitRows) throws -> AnalysisResult {
    let (first, second) = try gather(units)
    guard first.rows >= 2 else {
      throw AnalysisError("pairs needs two pairs or more that are done, of \(values.joined(separator: " and "))")
    }
    let n = Double(first.rows)
    let mean = Vectors.difference(second.mean, first.mean)
    var moved = first
    for i in 0..<first.rows {
      for j in 0..<first.columns {
        let own = second[i, j] - first[i, j]
        moved[i, j] += (n * mean[j] - own) / (n - 1)
      }
    }
    let before = PairMeasures(first, second)
    let after = PairMeasures(moved, second)
    let labels = rows.labels.merging(["axis": axis, "from": values[0], "to": values[1]]) { $1 }
    var findings = before.findings(labels.merging(["mean_difference": "before"]) { $1 })
    findings += after.findings(labels.merging(["mean_difference": "after"]) { $1 })
    findings.append(
      Finding(
        question: "How long is the mean difference?", measure: "mean_difference_norm", labels: labels,
        value: Vectors.norm(mean), interval: Self.normInterval(first, second), n: first.rows))
    return AnalysisResult(findings: findings, figures: [figure(findings, first.rows)])
  }

  /// Beyond, a sample of pairs is compared: every one with every other costs their square.
  private static let mostPairs = 4000

  /// The pairs' vectors, [pairs, dim] of each value.
  private func gather(_ units: UnitRows) throws -> (RealMatrix, RealMatrix) {
    let label = try units.labels.find(axis)
    let ids = try values.map { value in
      guard let id = label.id(of: value) else { throw AnalysisError("'\(value)' is no value of '\(axis)'") }
      return id
    }
    let most = max(2, min(Self.mostPairs, (1 << 24) / max(units.dim, 1)))
    let sample = Sample(most, of: max(1, units.count / UInt64(label.count)))
    var rows: [UInt64: [[Double]?]] = [:]
    try units.forEachUnit { unit, row in
      guard let side = ids.firstIndex(of: unit.coordinates[label.axis]) else { return }
      let rest = unit.rest(without: [label.axis], units.labels.shape)
      guard sample.contains(rest) else { return }
      rows[rest, default: [nil, nil]][side] = row.map(Double.init)
    }
    var (first, second): ([[Double]], [[Double]]) = ([], [])
    for key in rows.keys.sorted() {
      guard let sides = rows[key], let a = sides[0], let b = sides[1] else { continue }
      first.append(a)
      second.append(b)
    }
    return (RealMatrix(first), RealMatrix(second))
  }

  /// By resampling pairs; the norm of a resample's mean from the differences' dot products.
  private static func normInterval(_ first: RealMatrix, _ second: RealMatrix) -> Finding.Interval? {
    let differences = RealMatrix(
      rows: first.rows, columns: first.columns, values: Vectors.difference(second.values, first.values))
    let n = first.rows
    var random = SeededGenerator(seed: 1)
    return Bootstrap.interval(
      of: (0..<Bootstrap.resamples / 4).map { _ in
        var weights = [Double](repeating: 0, count: n)
        for _ in 0..<n { weights[random.index(below: n)] += 1 / Double(n) }
        return Vectors.norm(differences.transposedTimes(weights))
      })
  }

  private func figure(_ findings: [Finding], _ n: Int) -> Figure {
    let bars = findings.filter { $0.measure.hasSuffix("cosine") }.map {
      BarPlot.Bar(
        label: "\($0.measure == "paired_cosine" ? "paired" : "unpaired"), \($0.labels["mean_difference"] ?? "")",
        value: $0.value, low: $0.interval?.low, high: $0.interval?.high)
    }
    return Figure(
      name: FigureName.of("cosines", values[0], values[1]),
      title: "Cosine of pairs, \(values[0]) and \(values[1])",
      caption: "Means over \(n) pairs before and after the mean difference is added, 95% bootstrap intervals.",
      content: .bars(BarPlot(categoryTitle: "", value: PlotAxis("cosine"), bars: bars)))
  }
}
