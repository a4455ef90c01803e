import Analysis
import Foundation
import Report

/// A comparison of runs as tables, for a terminal and for a page.
struct ComparisonTables {
  let comparison: RunComparison

  var all: [ComparisonPage.Table] { [findings, embeddings, decodes] + examples }

  var runs: [ComparisonPage.Run] {
    comparison.runs.map {
      ComparisonPage.Run(job: $0.job, model: $0.model, precision: $0.precision, kind: $0.kind, units: $0.units)
    }
  }

  /// A row per finding: value and interval in each run, difference from the first, and whether intervals overlap.
  private var findings: ComparisonPage.Table {
    let numbers = comparison.runs.indices.map { String($0 + 1) }
    let others = numbers.dropFirst()
    let header =
      ["analysis", "measure", "of"] + numbers.map { "run \($0)" } + others.map { "\($0) − 1" }
      + others.map { "\($0) overlaps" }
    let rows = comparison.findings.map { finding in
      let labels = finding.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
      let values = finding.values
      return [finding.analysis, finding.measure, labels] + values.map(Self.cell)
        + values.dropFirst().map { $0.map { Self.number($0.difference) } ?? "" }
        + values.dropFirst().map { $0?.overlaps.map { $0 ? "yes" : "no" } ?? "" }
    }
    return ComparisonPage.Table(
      caption: "Findings", header: header, numbers: Set(3..<header.count), rows: rows,
      notes: rows.isEmpty ? ["The runs have no findings in common."] : ["In brackets: 95% intervals."])
  }

  private var embeddings: ComparisonPage.Table {
    let compared = comparison.embeddings.filter { $0.reason == nil }
    return ComparisonPage.Table(
      caption: "Embeddings of the same units",
      header: ["run", "units", "mean cosine", "least cosine", "max |difference|", "mean relative", "least alike"],
      numbers: [1, 2, 3, 4, 5],
      rows: compared.map {
        [
          $0.run, String($0.units), Self.number($0.meanCosine), Self.number($0.leastCosine),
          Self.number($0.maxAbsDifference), Self.number($0.meanRelativeDifference), $0.leastAlike ?? "",
        ]
      },
      notes: comparison.embeddings.compactMap { each in each.reason.map { "\(each.run): not compared, since \($0)." } })
  }

  private var decodes: ComparisonPage.Table {
    let compared = comparison.decodes.filter { $0.reason == nil }
    return ComparisonPage.Table(
      caption: "Decodes of the same units",
      header: ["run", "decodes", "identical", "expected", "exact in run 1", "exact here"], numbers: [1, 2, 3, 4, 5],
      rows: compared.map {
        [
          $0.run, String($0.decodes), Self.share($0.identical, of: $0.decodes), String($0.expected),
          Self.share($0.firstExact, of: $0.expected), Self.share($0.otherExact, of: $0.expected),
        ]
      }, notes: comparison.decodes.compactMap { each in each.reason.map { "\(each.run): not compared, since \($0)." } })
  }

  private var examples: [ComparisonPage.Table] {
    comparison.decodes.filter { !$0.examples.isEmpty }.map { decodes in
      ComparisonPage.Table(
        caption: "Decodes that differ in \(decodes.run)", header: ["unit", "target", "expected", "run 1", "here"],
        rows: decodes.examples.map { [$0.labels, $0.target, $0.expected ?? "", $0.first, $0.other] },
        notes: ["The first \(decodes.examples.count) of \(decodes.decodes - decodes.identical)."])
    }
  }

  private static func cell(_ value: FindingComparison.Value?) -> String {
    guard let value else { return "" }
    guard let low = value.low, let high = value.high else { return number(value.value) }
    return "\(number(value.value)) [\(number(low)), \(number(high))]"
  }

  private static func number(_ value: Double?) -> String {
    guard let value else { return "" }
    return abs(value) != 0 && (abs(value) < 1e-3 || abs(value) >= 1e6)
      ? String(format: "%.2e", value) : String(format: "%.4f", value)
  }

  private static func share(_ count: Int, of total: Int) -> String {
    total == 0 ? "" : "\(count) (\((Double(count) / Double(total) * 1000).rounded() / 10)%)"
  }
}
