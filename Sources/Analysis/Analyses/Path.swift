import SweepSpec

/// How the embedding moves along an axis: the lengths of its steps, how it turns, whether it walks on a circle.
///
/// Keys: `axis` (such as `position`), `by` (one path for each combination of these labels' values; what is left is
/// averaged), `array`, `select`.
public struct Path: Analysis {
  public static let name = "path"
  public static let summary = "the path along an axis: step lengths, turning angles, circle fit"

  var axis: String
  var by: [String]
  var rows: RowChoice

  public init?(reading mapping: YAMLMapping, of job: Job) {
    let axis = mapping.required("axis", "the axis to walk along, as position").flatMap {
      $0.choice(job.sweep.axes.map(\.name))
    }
    let rows = RowChoice(reading: mapping, of: job)
    let by = mapping.labels("by", job)
    guard let axis, let rows, let by else { return nil }
    guard !by.contains(axis) else {
      mapping.report("'by' names the axis the path goes along, \(axis); leave it out there")
      return nil
    }
    (self.axis, self.by, self.rows) = (axis, by, rows)
  }

  package init(axis: String, by: [String] = [], rows: RowChoice = RowChoice()) {
    (self.axis, self.by, self.rows) = (axis, by, rows)
  }

  public static func suggested(for job: Job) -> [Path] {
    // Along positions or mixtures, for each filler and length; content tokens are averaged.
    guard let axis = job.sweep.axes.first(where: { ["position", "alpha", "count"].contains($0.name) && $0.count >= 4 })
    else { return [] }
    let by = job.sweep.axes.filter { ["filler", "length"].contains($0.name) && (2...16).contains($0.count) }
    return [Path(axis: axis.name, by: by.map(\.name))]
  }

  public func run(on run: RunData) throws -> AnalysisResult { try answer(rows.rows(run)) }

  package func answer(_ units: UnitRows) throws -> AnalysisResult {
    let axis = try units.labels.find(axis)
    let grouping = try Grouping(units.labels.find(by))
    guard grouping.count <= Self.mostGroups else {
      throw AnalysisError("path by \(by.joined(separator: ", ")) makes more than \(Self.mostGroups) paths; select some")
    }
    let paths = try PathRows(units, axis: axis, grouping)
    var (findings, series, lengths): ([Finding], [ScatterPlot.Series], [LinePlot.Series]) = ([], [], [])
    for group in 0..<grouping.count {
      guard let mean = paths.meanPath(group), mean.points.count >= 3 else { continue }
      let measured = PathFindings(
        mean, paths.steps(of: group), labels: rows.labels.merging(grouping.describe(group)) { $1 })
      findings += measured.findings
      guard series.count < Self.mostSeries else { continue }
      lengths.append(measured.lengths(named: grouping.title(group)))
      if let path = measured.plane(named: grouping.title(group)) { series.append(path) }
    }
    guard !findings.isEmpty else { throw AnalysisError("a path along \(axis.name) needs three points that are done") }
    return AnalysisResult(findings: findings, figures: figures(series, lengths, axis))
  }

  private func figures(_ series: [ScatterPlot.Series], _ lengths: [LinePlot.Series], _ axis: Label) -> [Figure] {
    let path = Figure(
      name: "path", title: "The path along \(axis.name)",
      caption:
        "The mean vector at each \(axis.name), each path in the plane of its own first two principal components.",
      content: .scatter(ScatterPlot(x: PlotAxis("PC1"), y: PlotAxis("PC2"), series: series)))
    let steps = Figure(
      name: "steps", title: "Step lengths along \(axis.name)",
      caption: "The distance from each value to the next: mean over paths, 95% bootstrap intervals.",
      content: .lines(
        LinePlot(
          x: PlotAxis(axis.isNumeric ? "\(axis.name), of the step's start" : "step"), y: PlotAxis("L2 distance"),
          series: lengths)))
    return series.isEmpty ? [steps] : [path, steps]
  }

  private static let mostGroups = 1024
  /// More lines than that cannot be told apart.
  private static let mostSeries = 8
}
