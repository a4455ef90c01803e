import ArgumentParser
import Foundation
import ResultStore
import SweepSpec

struct ExportCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case npy, csv, jsonl, safetensors
  }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a run's results in another format.",
    discussion: """
      npy: one array, [axes..., dim], and its axes in FILE.axes.json. safetensors: arrays, with the axes in the \
      metadata. csv and jsonl: a row per committed unit with its labels and decodes, and the arrays that are named. \
      Units that are not done are NaN in arrays. The file appears when it is whole.

      Examples:
        sonarsweep export position --format csv --output-file position.csv
        sonarsweep export position --format npy --array embedding --output-file position.npy
        sonarsweep export position --format jsonl --array embedding | head -1
      """)

  @Argument(help: "The job's id, or the start of it.") var job: String
  @Option(help: "npy, csv, jsonl or safetensors.") var format: Format
  @Option(
    help:
      "An array, as embedding; may stand several times, but for npy. Default: embedding for npy, all for safetensors, none for csv and jsonl."
  )
  var array: [String] = []
  @Option(help: "The file, or - for standard output, the default of csv and jsonl.") var outputFile: String?
  @Option(help: "The directory that holds one directory per job.") var results = "results"
  @OptionGroup var limits: ChildLimits

  func validate() throws {
    if format == .npy, array.count > 1 { throw ValidationError("an .npy file holds one array; name one by --array") }
    if Set(array).count < array.count { throw ValidationError("--array names an array twice") }
    if outputFile == nil, format == .npy || format == .safetensors {
      throw ValidationError("add --output-file FILE; - is standard output")
    }
    if outputFile == "" { throw ValidationError("--output-file is empty") }
  }

  func run() throws {
    try limits.apply()
    let directory = try Runs.find(self.job, in: results)
    let reader = try ResultReader(directory)
    let job = try reader.job()
    let names = array.isEmpty ? defaultArrays(of: job) : array
    let arrays = try names.map { try ArrayReader($0, of: job, in: directory) }
    let path = outputFile ?? "-"
    let file = try ExportFile(path)
    switch format {
    case .npy:
      try ArrayExport.npy(arrays[0], to: file)
      if path != "-" {
        let axes = try ExportFile(path + ".axes.json")
        try axes.write(ArrayExport.axes(arrays[0], of: job))
        try axes.finish()
      }
    case .safetensors: try ArrayExport.safetensors(arrays, of: job, to: file)
    case .csv: try TableExport(job, arrays: arrays).csv(reader, to: file)
    case .jsonl: try TableExport(job, arrays: arrays).jsonLines(reader, to: file)
    }
    try file.finish()
  }

  private func defaultArrays(of job: Job) -> [String] {
    switch format {
    case .npy: ["embedding"]
    case .safetensors: ArrayReader.names(of: job)
    case .csv, .jsonl: []
    }
  }
}
