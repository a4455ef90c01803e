import ArgumentParser
import Foundation
import ResultStore

struct ResultsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results", abstract: "List runs, or show one.", subcommands: [List.self, Show.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Every run in the results directory.")

    @Option(help: "The directory that holds one directory per job.") var results = "results"
    @Option(help: "table or json.") var output = OutputFormat.table

    func run() throws {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: results, isDirectory: &isDirectory), isDirectory.boolValue else {
        throw CommandError("there is no directory \(results); name the one with the runs by --results DIR")
      }
      let summaries = try ResultReader.runs(in: URL(filePath: results)).map { try ResultReader($0).summary() }
      switch output {
      case .json: try Output.json(summaries)
      case .table:
        Output.table(
          ["job", "kind", "model", "status", "units", "done", "failed", "skipped", "created"],
          summaries.map {
            [
              $0.job, $0.kind, $0.model, $0.status, $0.units.grouped, $0.done.grouped, $0.failed.grouped,
              $0.skipped.grouped, $0.createdAt,
            ]
          })
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A run's summary, its first decodes and its failures.",
      discussion: """
        Examples:
          sonarsweep results show position
          sonarsweep results show position-1a2b3c4d --decodes 50 --output json
        """)

    @Argument(help: "The job's id, or the start of it.") var job: String
    @Option(help: "The directory that holds one directory per job.") var results = "results"
    @Option(help: "How many decodes to show.") var decodes = 10
    @Option(help: "How many failures to show.") var failures = 10
    @Option(help: "table or json.") var output = OutputFormat.table

    struct Report: Encodable {
      let summary: ResultReader.Summary
      let decodes: [ResultReader.Decode]
      let failures: [ResultReader.Failure]
    }

    func run() throws {
      let reader = try ResultReader(find())
      let report = Report(
        summary: try reader.summary(), decodes: try reader.decodes(limit: decodes),
        failures: try reader.failures(limit: failures))
      switch output {
      case .json: try Output.json(report)
      case .table: try show(report, axes: reader.axes().map(\.name))
      }
    }

    private func find() throws -> URL {
      let matches = ResultReader.runs(in: URL(filePath: results)).filter { $0.lastPathComponent.hasPrefix(job) }
      if let exact = matches.first(where: { $0.lastPathComponent == job }) { return exact }
      guard let match = matches.first else {
        throw CommandError(
          "no run in \(results) starts with '\(job)'; see: sonarsweep results list --results \(results)")
      }
      guard matches.count == 1 else {
        throw CommandError("'\(job)' could be \(matches.map(\.lastPathComponent).joined(separator: " or "))")
      }
      return match
    }

    private func show(_ report: Report, axes: [String]) throws {
      RunSummary.print(report.summary)
      if !report.decodes.isEmpty {
        print("")
        Output.table(
          axes + ["target", "exact", "log p", "text"],
          report.decodes.map { decode in
            axes.map { decode.labels[$0] ?? "" } + [
              decode.target, decode.exactMatch.map { $0 ? "yes" : "no" } ?? "-",
              String(format: "%.4f", decode.logProbability), decode.text,
            ]
          })
      }
      if !report.failures.isEmpty {
        print("")
        Output.table(["unit", "failure", "reason"], report.failures.map { [String($0.unit), $0.code, $0.message] })
      }
    }
  }
}
