import SweepSpec

/// Which directions the embeddings vary along most.
///
/// Keys: `components` (10), `by` (one analysis for each combination of these labels' values), `series` (how the figure's
/// points are told apart), `links` (an axis: units that differ only on it are joined, and an arrow leads from its first
/// value's centroid to its second's), `array`, `select`. `mean_over`: axes to take the mean over first.
public struct PCA: Analysis {
  public static let name = "pca"
  public static let summary = "principal components: explained variance, and the plane of the first two"

  var rows = RowChoice()
  var components = 10
  var by: [String] = []
  var meanOver: [String] = []
  var series: String?
  var links: String?

  public init?(reading mapping: YAMLMapping, of job: Job) {
    let rows = RowChoice(reading: mapping, of: job)
    let components = mapping.count("components", in: 1...256, default: 10)
    let by = mapping.labels("by", job)
    let axes = job.sweep.axes.map(\.name)
    let meanOver =
      mapping.optional("mean_over").map { value in
        value.isScalar ? value.choice(axes).map { [$0] } : value.distinctList { $0.choice(axes) }
      } ?? []
    let series = mapping.optional("series").map { $0.choice(Labels(of: job).names(ofDecodes: false)) }
    let links = mapping.optional("links").map { $0.choice(axes) }
    guard let rows, let components, let by, let meanOver, series.map({ $0 != nil }) ?? true,
      links.map({ $0 != nil }) ?? true
    else { return nil }
    (self.rows, self.components, self.by, self.meanOver) = (rows, components, by, meanOver)
    (self.series, self.links) = (series ?? nil, links ?? nil)
  }

  package init(
    rows: RowChoice = RowChoice(), components: Int = 10, by: [String] = [], meanOver: [String] = [],
    series: String? = nil, links: String? = nil
  ) {
    (self.rows, self.components, self.by, self.meanOver) = (rows, components, by, meanOver)
    (self.series, self.links) = (series, links)
  }

  public static func suggested(for job: Job) -> [PCA] {
    let axes = job.sweep.axes
    guard job.sweep.unitCount >= 3, type(of: job.spec.sweep.kind).usesModel else { return [] }
    // Sentences in several languages are joined; else colours are the axis or attribute with the fewest values.
    let links = axes.first { $0.name == "language" && $0.count >= 2 && axes.count > 1 }?.name
    let few = Labels(of: job).all.filter { $0.name != Labels.target && (2...8).contains($0.count) }
    return [PCA(series: links ?? few.first { $0.isAttribute }?.name ?? few.first?.name, links: links)]
  }

  public func run(on run: RunData) throws -> AnalysisResult { try answer(rows.rows(run)) }

  package func answer(_ all: UnitRows) throws -> AnalysisResult {
    let units = try meanOver.isEmpty ? all : all.mean(over: meanOver)
    let grouping = try Grouping(units.labels.find(by))
    // A covariance is dim² doubles: 512 MiB of them at the most.
    guard grouping.count <= max(1, (1 << 26) / max(units.dim * units.dim, 1)) else {
      throw AnalysisError("pca by \(by.joined(separator: ", ")) makes \(grouping.count) groups, too many; select some")
    }
    var covariances = [StreamingCovariance](
      repeating: StreamingCovariance(dim: units.dim), count: grouping.count)
    try units.forEachUnit { covariances[grouping.id($0.coordinates)].add($1) }
    var result = AnalysisResult()
    for group in 0..<grouping.count where covariances[group].count >= 3 {
      let principal = try PrincipalComponents(&covariances[group], components: max(components, Self.resampled))
      let plot = try PCAPlot(principal, units, grouping, group, series: series, links: links)
      result.findings += try findings(principal, plot.sample, grouping.describe(group))
      if let figure = plot.figure(named: grouping.labels.isEmpty ? "components" : "components-\(group + 1)", grouping) {
        result.figures.append(figure)
      }
    }
    guard !result.findings.isEmpty else { throw AnalysisError("pca needs three units or more that are done") }
    return result
  }

  /// Components that are resampled one by one.
  private static let resampled = 32

  private func findings(
    _ principal: PrincipalComponents, _ sample: [(projection: [Double], squaredNorm: Double)],
    _ labels: [String: String]
  ) throws -> [Finding] {
    var labels = rows.labels.merging(labels) { $1 }
    if !meanOver.isEmpty { labels["mean_over"] = meanOver.joined(separator: ",") }
    let intervals = try principal.intervals(sample, of: principal.count)
    var (findings, sum): ([Finding], Double) = ([], 0)
    for (k, ratio) in principal.ratios.prefix(components).enumerated() {
      sum += ratio
      let named = labels.merging(["component": String(k + 1)]) { $1 }
      let interval = { (all: [Finding.Interval?]) in k < all.count ? all[k] : nil }
      findings.append(
        Finding(
          question: "What share of the variance lies along a principal component?",
          measure: "explained_variance_ratio", labels: named, value: ratio, interval: interval(intervals.ratios),
          n: principal.count))
      findings.append(
        Finding(
          question: "What share of the variance lies along the principal components up to this one?",
          measure: "cumulative_explained_variance_ratio", labels: named, value: min(sum, 1),
          interval: interval(intervals.cumulative), n: principal.count))
    }
    findings.append(
      Finding(
        question: "How far from their mean are the vectors, squared, on average?", measure: "total_variance",
        labels: labels, value: principal.totalVariance, n: principal.count))
    return findings
  }
}
