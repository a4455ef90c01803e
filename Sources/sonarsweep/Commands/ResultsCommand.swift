import ArgumentParser
import Foundation
import ResultStore

struct ResultsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results", abstract: "List runs, show one, or list its failures or findings.",
    subcommands: [List.self, Show.self, Failures.self, ResultsFindingsCommand.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Every run in the results directory.")

    @Option(help: "The directory that holds one directory per job.") var results = "results"
    @Option(help: "table or json.") var output = OutputFormat.table

    func run() throws {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: results, isDirectory: &isDirectory), isDirectory.boolValue else {
        throw CommandError("there is no directory \(results); name the one with the runs by --results DIR")
      }
      var summaries: [ResultReader.Summary] = []
      var unreadable = 0
      for run in ResultReader.runs(in: URL(filePath: results)) {
        do {
          summaries.append(try ResultReader(run).summary())
        } catch {
          unreadable += 1
          Output.note("\(error)")
        }
      }
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
      if unreadable > 0 { throw ExitCode(1) }
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
      let refusals: [ResultReader.Refusal]
    }

    func run() throws {
      let reader = try ResultReader(Runs.find(job, in: results))
      let report = Report(
        summary: try reader.summary(), decodes: try reader.decodes(limit: decodes),
        failures: try reader.failures(limit: failures), refusals: try reader.refusals())
      switch output {
      case .json: try Output.json(report)
      case .table: try show(report, axes: reader.axes().map(\.name))
      }
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
      if !report.refusals.isEmpty {
        print("")
        Output.table(
          ["refused", "worker", "reason", "the last one"],
          report.refusals.map { [$0.count.grouped, $0.worker, $0.reason, $0.example] })
      }
    }
  }

  struct Failures: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A run's failed units, with their labels and reasons.",
      discussion: """
        Examples:
          sonarsweep results failures position
          sonarsweep results failures position --code quarantined --output json
        """)

    @Argument(help: "The job's id, or the start of it.") var job: String
    @Option(help: "The directory that holds one directory per job.") var results = "results"
    @Option(help: "Only units that failed with this code.") var code: String?
    @Option(help: "How many failures to list.") var limit = 1000
    @Option(help: "table or json.") var output = OutputFormat.table

    func validate() throws {
      guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() throws {
      let reader = try ResultReader(Runs.find(job, in: results))
      let failures = try reader.failures(code: code, limit: limit)
      switch output {
      case .json: try Output.json(failures)
      case .table:
        let axes = try reader.axes().map(\.name)
        Output.table(
          ["unit"] + axes + ["failure", "attempts", "reason"],
          failures.map { failure in
            [String(failure.unit)] + axes.map { failure.labels[$0] ?? "" }
              + [failure.code, String(failure.attempts), failure.message]
          })
      }
      if failures.count == limit { Output.note("the first \(limit) are shown; --limit shows more") }
    }
  }
}
