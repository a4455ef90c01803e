import Analysis
import ArgumentParser
import Foundation
import Report
import ResultStore

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Put runs side by side: models, precisions or languages.",
    discussion: """
      Findings that the runs share, with their difference from the first run and whether intervals overlap; the \
      embeddings and the decodes of the same units, where the axes agree.

      Examples:
        sonarsweep compare position-1a2b3c4d position-5e6f7a8b
        sonarsweep compare pca-eng pca-spa pca-fra --output json
        sonarsweep compare fp32-run int8-run --report comparison.html
      """)

  @Argument(help: "The jobs' ids, or the starts of them; two or more.") var runs: [String]
  @Option(help: "The directory that holds one directory per job.") var results = "results"
  @Option(help: "table or json.") var output = OutputFormat.table
  @Option(help: "Also write an HTML page to this file.") var report: String?

  func validate() throws {
    guard runs.count > 1 else { throw ValidationError("name two or more runs") }
  }

  func run() throws {
    let directories = try runs.map { try Runs.find($0, in: results) }
    guard Set(directories).count == directories.count else { throw CommandError("a run is named twice") }
    let comparison = try RunComparison(directories.map { try ResultReader($0) })
    let tables = ComparisonTables(comparison: comparison)
    if let report {
      let page = ComparisonPage(runs: tables.runs, tables: tables.all, version: SonarSweep.programVersion)
      let file = try ExportFile(report)
      try file.write(page.html())
      try file.finish()
    }
    switch output {
    case .json: try Output.json(comparison)
    case .table: show(tables)
    }
  }

  private func show(_ tables: ComparisonTables) {
    Output.table(
      ["", "run", "model", "precision", "kind", "units"],
      tables.runs.enumerated().map { [String($0 + 1), $1.job, $1.model, $1.precision, $1.kind, $1.units.grouped] })
    for table in tables.all {
      print("\n\(table.caption)")
      for note in table.notes { print(note) }
      if !table.rows.isEmpty { Output.table(table.header, table.rows) }
    }
  }
}
