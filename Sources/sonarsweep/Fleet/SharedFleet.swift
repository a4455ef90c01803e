import ArgumentParser
import Foundation

/// A coordinator with its HTTP interface, an aggregator and workers of this machine, for many jobs and clients.
final class SharedFleet {
  /// What each role is started with, beside the endpoints.
  struct Settings {
    let bind: String
    let http: String
    let coordinator: [String]
    let aggregator: [String]
    let worker: [String]
    let workers: Int
  }

  /// Where workers connect, and clients; a port that was free is given.
  let endpoint: String
  let url: String
  private let coordinator: FleetProcess
  private let aggregator: FleetProcess
  private let workers: [FleetProcess]

  /// Starts all of it; nil where it was stopped meanwhile.
  ///
  /// - Throws: `ExitCode` where a role ends at once, having said why.
  init?(_ settings: Settings, until stop: StopSignal) throws {
    func arguments(_ bind: String, _ http: String) -> [String] {
      ["coordinator", "--bind", bind, "--http", http] + settings.coordinator
    }
    let listening = ListeningLines()
    coordinator = try FleetProcess(
      role: "coordinator", arguments: arguments(settings.bind, settings.http), log: .standardError,
      output: listening.input)
    guard let places = try listening.wait(for: coordinator, until: stop) else {
      coordinator.stop()
      return nil
    }
    (endpoint, url) = (places.endpoint, places.url)
    // The ports it found are kept when it is started again: the others look for it there.
    coordinator.arguments = arguments(places.endpoint, places.http)
    let endpoint = endpoint
    aggregator = try FleetProcess(
      role: "aggregator", arguments: ["aggregator", "--coordinator", endpoint] + settings.aggregator,
      log: .standardError)
    workers = try (0..<settings.workers).map { number in
      try FleetProcess(
        role: "worker \(number + 1)", arguments: ["worker", "--coordinator", endpoint] + settings.worker,
        log: .standardError)
    }
  }

  /// Starts processes that ended again and returns what happened, for people. Throws when the fleet cannot go on.
  func supervise() throws -> [String] {
    let events = try ([coordinator, aggregator] + workers.filter { !$0.hasEndedWell }).compactMap {
      try $0.restartIfEnded()
    }
    for process in [coordinator, aggregator] where process.isHopeless {
      throw CommandError(
        "the \(process.role) keeps ending at once; the last time it \(process.ending). What is committed is safe; the "
          + "same command goes on from there once that is mended")
    }
    if let worker = workers.first, workers.allSatisfy(\.isHopeless) {
      throw CommandError("every worker keeps ending at once; the last one \(worker.ending)")
    }
    return events
  }

  /// Stops everything, workers first, and waits for the aggregator to commit what it has.
  func stop() {
    for worker in workers { worker.terminate() }
    for process in workers + [aggregator, coordinator] { process.stop() }
  }
}
