import Foundation
import Report
import ResultStore
import SweepSpec

/// What a study came to, on paper: `study.json`, the claims as a table, and `report.html`.
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
    let page = StudyReportPage(result, links: links(result, from: directory), version: SonarSweep.programVersion)
    try TextFile.write(page.html(), to: directory.appending(path: "report.html"))
  }

  /// Of the jobs' reports that there are, relative to the study's, by the jobs' names.
  private static func links(_ result: StudyResult, from directory: URL) -> [String: String] {
    var links: [String: String] = [:]
    for job in result.jobs {
      guard let id = job.id else { continue }
      let report = directory.deletingLastPathComponent().appending(path: "\(id)/report.html")
      if FileManager.default.fileExists(atPath: report.path) { links[job.name] = "../\(id)/report.html" }
    }
    return links
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
    Swift.print("\nresults  \(directory.path)\nreport   \(directory.path)/report.html")
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
