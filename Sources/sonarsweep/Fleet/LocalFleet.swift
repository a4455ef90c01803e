import Foundation
import TensorKernels

/// A coordinator, an aggregator and workers on this machine, talking over ipc sockets in a directory only this user may
/// enter.
final class LocalFleet {
  struct Options {
    let workers: Int
    let threads: Int
    let precision: Precision
    /// Name or path, as a worker's `--model`.
    let model: String
    let modelPath: [String]
    let results: URL
    let logs: URL
  }

  let coordinator: String
  private let directory: URL
  private let coordinatorProcess: FleetProcess
  private let aggregator: FleetProcess
  private let workers: [FleetProcess]

  init(_ options: Options) throws {
    try FileManager.default.createDirectory(at: options.logs, withIntermediateDirectories: true)
    directory = try Self.makePrivateDirectory()
    coordinator = "ipc://\(directory.path)/coordinator"
    let endpoint = coordinator
    coordinatorProcess = try FleetProcess(
      role: "coordinator",
      arguments: ["coordinator", "--bind", endpoint, "--state", directory.appending(path: "coordinator-state").path],
      log: options.logs.appending(path: "coordinator.log"))
    aggregator = try FleetProcess(
      role: "aggregator",
      arguments: [
        "aggregator", "--coordinator", endpoint, "--bind", "ipc://\(directory.path)/aggregator",
        "--results", options.results.path,
      ], log: options.logs.appending(path: "aggregator.log"))
    workers = try (1...options.workers).map { number in
      try FleetProcess(
        role: "worker \(number)",
        arguments: [
          "worker", "--coordinator", endpoint, "--model", options.model, "--threads", String(options.threads),
          "--precision", options.precision.rawValue,
        ] + options.modelPath.flatMap { ["--model-path", $0] },
        log: options.logs.appending(path: "worker-\(number).log"))
    }
  }

  /// Starts processes that ended again and returns what happened, for people. Throws when the fleet cannot go on.
  func supervise() throws -> [String] {
    let events = try ([coordinatorProcess, aggregator] + workers).compactMap { try $0.restartIfEnded() }
    for process in [coordinatorProcess, aggregator] where process.isHopeless {
      throw CommandError(
        "the \(process.role) keeps ending at once; the last time it \(process.ending). Run the same command again to go "
          + "on from what is committed")
    }
    if workers.allSatisfy(\.isHopeless) {
      throw CommandError("every worker keeps ending at once; the last one \(workers[0].ending)")
    }
    return events
  }

  /// Stops everything, workers first, and waits for the aggregator to commit what it has.
  func stop() {
    for worker in workers { worker.terminate() }
    for process in workers + [aggregator, coordinatorProcess] { process.stop() }
    try? FileManager.default.removeItem(at: directory)
  }

  private static func makePrivateDirectory() throws -> URL {
    // The path of a Unix socket may have 107 bytes.
    let preferred = FileManager.default.temporaryDirectory
    let temporary = preferred.path.utf8.count <= 70 ? preferred : URL(filePath: "/tmp")
    var template = Array(temporary.appending(path: "sonarsweep-XXXXXX").path.utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CommandError("no directory for sockets could be made in \(temporary.path)")
    }
    return URL(filePath: String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  }
}
