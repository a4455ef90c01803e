import ResultStore

/// What a run ended with, for people.
enum RunSummary {
  /// - Parameters:
  ///   - throughput: units per second of this command, where it computed any.
  ///   - report: where it lies, if it was made.
  static func print(_ summary: ResultReader.Summary, throughput: Double? = nil, report: String? = nil) {
    var rows = [
      ["status", summary.status],
      [
        "units",
        "\(summary.units.grouped): \(summary.done.grouped) done, \(summary.failed.grouped) failed, \(summary.skipped.grouped) skipped",
      ],
    ]
    if summary.expected > 0 {
      let share = Double(summary.exact) / Double(summary.expected) * 100
      rows.append([
        "exact", "\(summary.exact.grouped) of \(summary.expected.grouped) decodes (\((share * 10).rounded() / 10)%)",
      ])
    }
    if summary.failed > 0 { rows.append(["failures", "sonarsweep results failures \(summary.job)"]) }
    if let throughput { rows.append(["throughput", "\(Int(throughput.rounded())) units/s"]) }
    if summary.divergent > 0 {
      rows.append(["divergent", "\(summary.divergent.grouped) records differed when they came again"])
    }
    if summary.refused > 0 {
      rows.append([
        "refused", "\(summary.refused.grouped) records did not fit the job: sonarsweep results show \(summary.job)",
      ])
    }
    if summary.repaired > 0 {
      rows.append(["repaired", "\(summary.repaired.grouped) units were found damaged and computed again"])
    }
    rows.append(["results", summary.directory])
    if let report { rows.append(["report", report]) }
    Output.table(["job", summary.job], rows)
  }
}
