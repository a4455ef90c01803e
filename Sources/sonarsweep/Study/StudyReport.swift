import Foundation
import SweepSpec

/// What a study came to, on paper: `study.json`, and the claims as a table.
enum StudyReport {
  static func write(_ result: StudyResult, to directory: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    // In one step each: a reader never sees half a file.
    try encoder.encode(result).write(to: directory.appending(path: "study.json"), options: .atomic)
    try Data(markdown(result).utf8).write(to: directory.appending(path: "claims.md"), options: .atomic)
  }

  static func print(_ result: StudyResult, in directory: URL) {
    let jobs = result.jobs.map { job in
      [job.name, job.status.rawValue, job.units.grouped, job.failedUnits.grouped, job.id ?? "-"]
    }
    Output.table(["job", "status", "units", "failed", "results"], jobs)
    if !result.claims.isEmpty {
      Swift.print("")
      Output.table(
        ["claim", "this model", "verdict"],
        result.claims.map { claim in
          [claim.claim, "\(claim.measured)  [\(claim.condition)]", verdict(claim)]
        })
    }
    Swift.print("\nresults  \(directory.path)")
  }

  private static func verdict(_ claim: StudyResult.ClaimResult) -> String {
    claim.verdict.rawValue + (claim.reason.isEmpty ? "" : ": \(claim.reason)")
  }

  private static func markdown(_ result: StudyResult) -> String {
    var lines = [
      "# \(result.study)", "", "Model \(result.model), \(result.precision).", "",
      "| claim | source | this model | holds if | verdict |", "|---|---|---|---|---|",
    ]
    for claim in result.claims {
      let cells = [claim.claim, claim.source, claim.measured, claim.condition, verdict(claim)]
      lines.append("| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
