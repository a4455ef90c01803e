import ArgumentParser
import FleetProtocol
import Foundation
import Messaging
import ResultStore
import SonarModel
import SweepSpec
import TensorKernels

/// One job on a fleet of this machine, from wherever its results stand to their end.
struct JobRun {
  let job: Job
  /// Of the job's file; those suggested for the job where nil.
  var analyses: [any AnalysisSpec]?
  let options: RunOptions
  /// What goes on from here, for people.
  let command: String
  /// Where several jobs run one after the other, the signal that stops them all.
  var stop: StopSignal?
  /// Whether standard output ends with the run's summary.
  var printsSummary = true

  private var results: URL { URL(filePath: options.results) }
  private var directory: URL { ResultStore.directory(of: job.id, in: results) }
  private var logs: URL { directory.appending(path: "logs") }

  /// Runs to the end, prints the summary, and throws the exit code where it is not 0.
  func run() throws {
    if try isComplete() { return try finish(throughput: nil) }
    if let precision = job.spec.model.precision { try CPUBackend.check(precision) }
    try ResultStore.checkAccess(to: job.id, in: results)
    // From here on Ctrl-C is ours.
    let stop = try self.stop ?? StopSignal()
    let fleet = try LocalFleet(fleetOptions)
    var progress = ProgressDisplay(quiet: options.quiet)
    let outcome = Result { try follow(fleet, stop, &progress) }
    progress.end()
    fleet.stop()
    if self.stop == nil { stop.release() }
    do {
      try finish(throughput: outcome.get())
    } catch is Interrupted {
      Output.note("stopped; what is committed is safe. The same command goes on from there: \(command)")
      throw ExitCode(130)
    } catch let error as CommandError {
      throw CommandError("\(error). Logs are in \(logs.path)")
    }
  }

  private struct Interrupted: Error {}

  /// Whether the results are all there and as they were committed, which is read from end to end.
  private func isComplete() throws -> Bool {
    guard let summary = try? ResultReader(directory).summary(), summary.isDone else { return false }
    guard try ResultStore.isSound(job, in: results) else {
      Output.note("\(job.id) was complete, but some of its results are damaged; what is missing is computed again")
      return false
    }
    if !options.quiet { Output.note("\(job.id) is complete already; only the report is made again") }
    return true
  }

  private var fleetOptions: LocalFleet.Options {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return LocalFleet.Options(
      workers: options.workers ?? max(1, cores / options.threads), threads: options.threads,
      precision: job.spec.model.precision ?? .fp32,
      model: job.spec.model.fingerprint == .none ? "none" : options.model.model ?? job.spec.model.name,
      modelPath: options.model.modelPath, results: results, logs: logs)
  }

  /// Submits the job and watches it to its end. Returns units per second over the time it ran, if it was seen running.
  private func follow(_ fleet: LocalFleet, _ stop: StopSignal, _ progress: inout ProgressDisplay) throws -> Double? {
    let client = try ProtocolClient(context: MessagingContext(), coordinator: fleet.coordinator)
    var isSubmitted = false
    var first: (units: UInt64, at: ContinuousClock.Instant)?
    while !stop.wait(atMost: .milliseconds(100)) {
      for event in try fleet.supervise() { progress.note(event) }
      if !isSubmitted { isSubmitted = try client.submit(job, within: .seconds(2)) }
      guard isSubmitted, let status = try client.status(of: job, within: .seconds(2)) else {
        // The coordinator is starting, or was started anew and may not know the job.
        isSubmitted = false
        continue
      }
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

  private func finish(throughput: Double?) throws {
    let report = makeReport()
    let summary = try ResultReader(directory).summary()
    switch options.output {
    case _ where !printsSummary: break
    case .json: try Output.json(summary)
    case .table: RunSummary.print(summary, throughput: throughput, report: report?.path)
    }
    if summary.failed > 0 { throw ExitCode(2) }
  }

  /// Findings, figures and report. What goes wrong with them is noted; the results are there all the same.
  private func makeReport() -> URL? {
    if !options.quiet { Output.note("analyses and report ...") }
    do {
      let outcome = try RunReport.make(of: directory, analyses: analyses)
      for problem in outcome.problems { Output.note("\(problem.analysis): \(problem.reason)") }
      return outcome.file
    } catch {
      Output.note("the report could not be made: \(error). Once that is mended: sonarsweep report \(job.id)")
      return nil
    }
  }
}
