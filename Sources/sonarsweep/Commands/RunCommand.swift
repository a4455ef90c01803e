import ArgumentParser
import FleetProtocol
import Foundation
import Messaging
import ResultStore
import SonarModel
import SweepSpec
import TensorKernels

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a job on this machine, from YAML to results.",
    discussion: """
      Starts a coordinator, an aggregator and worker processes, shows progress and ends with a summary. Ctrl-C stops \
      cleanly; the same command goes on where the results stand, and does nothing when they are complete.

      Examples:
        sonarsweep run jobs/position.yaml
        sonarsweep run jobs/language.yaml --workers 4 --results /data/results --output json
      """)

  @Argument(help: "The job's YAML file.") var file: String
  @OptionGroup var options: ModelOptions
  @Option(help: "Worker processes; default one per core.") var workers: Int?
  @Option(help: "Threads of a worker's matrix products.") var threads = 1
  @Option(help: "fp32, bf16 or int8, in place of the job's.") var precision: Precision?
  @Option(help: "The directory that holds one directory per job.") var results = "results"
  @Option(help: "table or json: the form of the summary on standard output.") var output = OutputFormat.table
  @Flag(help: "Show no progress.") var quiet = false

  func validate() throws {
    guard (1...1024).contains(workers ?? 1) else { throw ValidationError("--workers must be 1 to 1024") }
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be 1 to 1024") }
  }

  func run() throws {
    let job = try JobLoading.load(file, options, precision: precision, note: "; nothing was started")
    let directory = ResultStore.directory(of: job.id, in: URL(filePath: results))
    if let summary = try? ResultReader(directory).summary(), summary.isDone {
      if !quiet { Output.note("\(job.id) is complete already; nothing to do") }
      return try finish(directory, throughput: nil)
    }
    try ResultStore.checkAccess(to: job.id, in: URL(filePath: results))
    // From here on Ctrl-C is ours.
    let stop = try StopSignal()
    let fleet = try LocalFleet(fleetOptions(job, directory))
    var progress = ProgressDisplay(quiet: quiet)
    let outcome = Result { try follow(job, fleet, stop, &progress) }
    progress.end()
    fleet.stop()
    do {
      try finish(directory, throughput: outcome.get())
    } catch is Interrupted {
      Output.note("stopped; what is committed is safe. The same command goes on from there: sonarsweep run \(file)")
      throw ExitCode(130)
    } catch let error as CommandError {
      throw CommandError("\(error). Logs are in \(directory.appending(path: "logs").path)")
    }
  }

  private struct Interrupted: Error {}

  private func fleetOptions(_ job: Job, _ directory: URL) -> LocalFleet.Options {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return LocalFleet.Options(
      workers: workers ?? max(1, cores / threads), threads: threads,
      precision: job.spec.model.precision ?? .fp32,
      model: job.spec.model.fingerprint == .none ? "none" : options.model ?? job.spec.model.name,
      modelPath: options.modelPath, results: URL(filePath: results), logs: directory.appending(path: "logs"))
  }

  /// Submits the job and watches it to its end. Returns units per second over the time it ran, if it was seen running.
  private func follow(_ job: Job, _ fleet: LocalFleet, _ stop: StopSignal, _ progress: inout ProgressDisplay) throws
    -> Double?
  {
    let client = try FleetClient(context: MessagingContext(), coordinator: fleet.coordinator)
    try client.submit(job)
    var first: (units: UInt64, at: ContinuousClock.Instant)?
    while !stop.wait(atMost: .milliseconds(100)) {
      for event in try fleet.supervise() { progress.note(event) }
      guard let status = try client.status(of: job, within: .seconds(2)) else { continue }
      progress.update(status)
      if first == nil, status.phase == .running { first = (status.counts.total, .now) }
      switch status.phase {
      case .opening, .running: continue
      case .failed: throw CommandError(status.problem)
      case .done:
        guard let first else { return nil }
        return Double(status.counts.total - first.units) / max((ContinuousClock.now - first.at).seconds, 1e-3)
      }
    }
    throw Interrupted()
  }

  private func finish(_ directory: URL, throughput: Double?) throws {
    let summary = try ResultReader(directory).summary()
    switch output {
    case .json: try Output.json(summary)
    case .table: RunSummary.print(summary, throughput: throughput)
    }
    if summary.failed > 0 { throw ExitCode(2) }
  }
}
