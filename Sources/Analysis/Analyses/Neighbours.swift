import SweepSpec

/// How long the vectors are, and whether the nearest vector by cosine shares a label.
///
/// Keys: `by` (the labels asked about; all axes and attributes with few enough values), `array`, `select`.
public struct Neighbours: Analysis {
  public static let name = "neighbours"
  public static let summary = "norms, and how often the nearest vector has the same label"

  var by: [String]
  var rows: RowChoice

  public init?(reading mapping: YAMLMapping, of job: Job) {
    let rows = RowChoice(reading: mapping, of: job)
    guard let by = mapping.labels("by", job), let rows else { return nil }
    self.init(by: by, rows: rows)
  }

  package init(by: [String] = [], rows: RowChoice = RowChoice()) { (self.by, self.rows) = (by, rows) }

  public static func suggested(for job: Job) -> [Neighbours] {
    type(of: job.spec.sweep.kind).usesModel && job.sweep.unitCount >= 3 ? [Neighbours()] : []
  }

  public func run(on run: RunData) throws -> AnalysisResult { try answer(rows.rows(run)) }

  /// Beyond, a sample: every one is compared with every other.
  private static let mostRows = 4000
  private static let mostValues = 64

  package func answer(_ units: UnitRows) throws -> AnalysisResult {
    let labels =
      try by.isEmpty
      ? units.labels.all.filter { $0.name != Labels.target && $0.count >= 2 } : units.labels.find(by)
    let few = labels.filter { $0.count <= Self.mostValues }
    var norms = StreamingMean()
    var groups = few.map { [StreamingMean](repeating: StreamingMean(keeping: 2000), count: $0.count) }
    let sample = Sample(min(Self.mostRows, (1 << 24) / max(units.dim, 1)), of: units.count)
    var (values, places): ([Double], [[Int]]) = ([], [])
    try units.forEachUnit { unit, row in
      var squares = 0.0
      for value in row { squares += Double(value) * Double(value) }
      let norm = squares.squareRoot()
      norms.add(norm)
      for (i, label) in few.enumerated() { groups[i][label.id(at: unit.coordinates[label.axis])].add(norm) }
      if sample.contains(unit.index) {
        values.append(contentsOf: row.lazy.map { norm > 0 ? Double($0) / norm : 0 })
        places.append(unit.coordinates)
      }
    }
    guard norms.count >= 2, places.count >= 2 else { throw AnalysisError("neighbours needs two units that are done") }
    var findings = [
      norm(norms, [:]),
      Finding(
        question: "How much do the vectors' lengths differ?", measure: "norm_standard_deviation", labels: rows.labels,
        value: norms.standardDeviation, n: norms.count),
    ]
    for (label, means) in zip(few, groups) {
      for (id, mean) in means.enumerated() where mean.count > 0 {
        findings.append(norm(mean, [label.name: label.value(id)]))
      }
    }
    let (nearest, cosines) = Self.nearest(RealMatrix(rows: places.count, columns: units.dim, values: values))
    findings.append(
      Finding(
        question: "How near is the nearest other vector?", measure: "nearest_cosine", labels: rows.labels,
        value: cosines.reduce(0, +) / Double(cosines.count), interval: Bootstrap.interval(ofMean: cosines),
        n: cosines.count))
    // A label that every unit has a value of its own of cannot be shared.
    let shared = labels.flatMap { share($0, places, nearest) }
    return AnalysisResult(findings: findings + shared, figures: figure(shared, places.count))
  }

  private func norm(_ mean: StreamingMean, _ labels: [String: String]) -> Finding {
    Finding(
      question: "How long are the vectors?", measure: "norm", labels: rows.labels.merging(labels) { $1 },
      value: mean.mean, interval: mean.interval, n: mean.count)
  }

  /// Of each row of unit length, the other with the largest cosine (the first of equal ones), and that cosine.
  private static func nearest(_ rows: RealMatrix) -> ([Int], [Double]) {
    var (nearest, cosines): ([Int], [Double]) = ([], [])
    for start in stride(from: 0, to: rows.rows, by: 128) {
      let block = Array(start..<min(rows.rows, start + 128))
      let products = rows.rows(block).timesTransposed(rows)
      for (row, i) in block.enumerated() {
        var (best, cosine) = (i == 0 ? 1 : 0, -Double.infinity)
        for j in 0..<rows.rows where j != i && products[row, j] > cosine { (best, cosine) = (j, products[row, j]) }
        nearest.append(best)
        cosines.append(cosine)
      }
    }
    return (nearest, cosines)
  }

  private func share(_ label: Label, _ places: [[Int]], _ nearest: [Int]) -> [Finding] {
    let ids = places.map { label.id(at: $0[label.axis]) }
    let n = ids.count
    let sizes = Dictionary(ids.map { ($0, 1) }, uniquingKeysWith: +)
    let chance = sizes.values.reduce(0.0) { $0 + Double($1) * Double($1 - 1) } / (Double(n) * Double(n - 1))
    guard sizes.count >= 2, chance > 0 else { return [] }
    let same = ids.indices.count { ids[$0] == ids[nearest[$0]] }
    let labels = rows.labels.merging(["label": label.name]) { $1 }
    return [
      Finding(
        question: "How often does the nearest vector share this label's value?", measure: "nearest_shares",
        labels: labels, value: Double(same) / Double(n), interval: Wilson.interval(same, of: n), n: n),
      Finding(
        question: "How often would a vector drawn by chance share it?", measure: "chance_shares", labels: labels,
        value: chance, n: n),
    ]
  }

  private func figure(_ shared: [Finding], _ n: Int) -> [Figure] {
    let bars = shared.filter { $0.measure == "nearest_shares" }.map {
      BarPlot.Bar(
        label: $0.labels["label"] ?? "", value: $0.value, low: $0.interval?.low, high: $0.interval?.high)
    }
    guard !bars.isEmpty else { return [] }
    return [
      Figure(
        name: "neighbours", title: "What the nearest vector shares",
        caption:
          "The share of \(n) units whose nearest neighbour by cosine has the same value, with 95% Wilson intervals.",
        content: .bars(BarPlot(categoryTitle: "label", value: PlotAxis("share"), bars: bars, range: 0...1)))
    ]
  }
}
