import ArgumentParser
import FleetClient
import Foundation
import ResultStore

struct FetchCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case csv, jsonl, npy, safetensors, report
  }

  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Download a job's results from a fleet.",
    discussion: """
      csv and jsonl: a row per committed unit with its labels and decodes. npy: one array, [axes..., dim]. safetensors: \
      arrays, with the axes in the metadata. report: the HTML page. Of a job that has not ended, what is committed so \
      far. The file appears when it is whole.

      Examples:
        sonarsweep fetch position --format csv --output-file position.csv
        sonarsweep fetch position --format npy --array embedding --output-file position.npy
        sonarsweep fetch position --format report --output-file position.html
        sonarsweep fetch position --format jsonl | head -1
      """)

  @Argument(help: "The job's id, or the start of it.", completion: .jobs) var job: String
  @Option(help: "csv, jsonl, npy, safetensors or report.") var format: Format
  @Option(
    help: "An array, as embedding. Default: embedding for npy, all for safetensors, none for csv and jsonl.")
  var array: String?
  @Option(
    help: "The file, or - for standard output, the default of csv and jsonl.", completion: .file())
  var outputFile: String?
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if outputFile == nil, format != .csv, format != .jsonl {
      throw ValidationError("add --output-file FILE; - is standard output")
    }
    if outputFile == "" { throw ValidationError("--output-file is empty") }
    if format == .report, array != nil { throw ValidationError("a report has no --array; leave it out") }
  }

  func run() throws {
    let (job, format, array, path) = (job, ExportFormat(rawValue: format.rawValue), array, outputFile ?? "-")
    let configuration = try connection.configuration()
    let stop = try StopSignal()
    do {
      try Asynchronous.run(until: stop) {
        try await CoordinatorClient.with(configuration) { client in
          let file = try ExportFile(path)
          if let format {
            try await client.export(job, as: format, array: array) { try file.write($0) }
          } else {
            try await client.report(job) { try file.write($0) }
          }
          try file.finish()
        }
      }
      if path != "-", isatty(STDERR_FILENO) == 1 { Output.note("wrote \(path)") }
    } catch let error as StoreError where error.code == .system(EPIPE) {
      // Whoever reads has had enough, as 'head' has; as if the signal had come that HTTP keeps away.
      throw ExitCode(128 + SIGPIPE)
    } catch is Asynchronous.Stopped {
      Output.note("stopped\(path == "-" ? "" : "; \(path) was not written")")
      throw ExitCode(130)
    }
  }
}
