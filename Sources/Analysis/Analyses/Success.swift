import ResultStore
import SweepSpec

/// How often decodes give exactly what was expected, and how many tokens are wrong.
///
/// Keys: `by` (axes, attributes or `target`; one rate for each combination of their values), `select`. Rates over one
/// label are drawn as bars or a curve, over two as a matrix.
public struct Success: Analysis {
  public static let name = "success"
  public static let summary = "exact-match and token-error rates of decodes, by any axes and attributes"

  var by: [String]
  var select: Selection

  public init?(reading mapping: YAMLMapping, of job: Job) {
    let by = mapping.labels("by", job, ofDecodes: true)
    let select = Selection(reading: mapping, Labels(of: job), ofDecodes: true)
    if job.spec.decode == nil { mapping.report("'success' is about decodes, and this job decodes nothing") }
    guard let by, let select, job.spec.decode != nil else { return nil }
    self.init(by: by, select: select)
  }

  package init(by: [String] = [], select: Selection = Selection()) { (self.by, self.select) = (by, select) }

  /// Overall, by each label with a few values, and for shifts and substitutions their matrices.
  public static func suggested(for job: Job) -> [Success] {
    guard job.spec.decode != nil else { return [] }
    let labels = Labels(of: job).all.filter { (2...64).contains($0.count) }
    let names = Set(labels.map(\.name))
    let matrices = [
      ["filler", "target_filler"], ["from", "to"], ["position", "grammatical"], ["language", Labels.target],
    ].filter { Set($0).isSubset(of: names) }
    return [Success()] + labels.map { Success(by: [$0.name]) } + matrices.map { Success(by: $0) }
  }

  public func run(on run: RunData) throws -> AnalysisResult {
    let labels = Labels(of: run.job)
    var rates = try SuccessRates(labels, by: by, select: select)
    try run.reader.forEachOutcome { try rates.add($0) }
    return try answer(rates)
  }

  package func answer(_ rates: SuccessRates) throws -> AnalysisResult {
    let findings = rates.grouping.count <= Self.mostGroups ? rates.findings(select.labels) : []
    guard !findings.isEmpty else {
      throw AnalysisError(
        rates.grouping.count > Self.mostGroups
          ? "success by \(by.joined(separator: ", ")) makes more than \(Self.mostGroups) rates; select fewer values"
          : "success needs decodes for which something was expected")
    }
    let chosen =
      select.labels.isEmpty
      ? "" : " (\(select.labels.sorted { $0 < $1 }.map { "\($0) \($1)" }.joined(separator: ", ")))"
    return AnalysisResult(
      findings: findings,
      figures: rates.figures(named: FigureName.of("exact-match", by.joined(separator: "-")), note: chosen))
  }

  private static let mostGroups = 1 << 14
}
