import ArgumentParser

/// What `run` and `retry` have in common.
struct RunOptions: ParsableArguments {
  @OptionGroup var model: ModelOptions
  @Option(help: "Worker processes; default one per core.") var workers: Int?
  @Option(help: "Threads of a worker's matrix products.") var threads = 1
  @Option(
    name: .customLong("results"), help: "The directory that holds one directory per job. Default: results.",
    completion: .directory)
  var givenResults: String?
  @Option(help: "table or json: the form of the summary on standard output.") var output = OutputFormat.table
  @Flag(help: "Show no progress.") var quiet = false

  var results: String { givenResults ?? "results" }

  func validate() throws {
    guard (1...1024).contains(workers ?? 1) else { throw ValidationError("--workers must be 1 to 1024") }
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be 1 to 1024") }
  }
}
