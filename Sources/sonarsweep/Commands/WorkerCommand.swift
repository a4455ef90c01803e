import ArgumentParser
import FleetProtocol
import Foundation
import Messaging
import SonarModel
import Worker

struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Compute units with one model instance.",
    discussion: "Several workers with one thread each are faster on a shared machine than one with many.")

  @Option(help: "The coordinator's endpoint.") var coordinator: String
  @OptionGroup var options: ModelOptions
  @OptionGroup var engine: EngineOptions
  @Option(help: "Seconds that finished records may wait for their commit when the worker is stopped.") var grace = 5.0
  @Option(help: "Seconds after which a step of the model counts as hung, and the worker ends with an error.")
  var stepTimeout = 600.0
  @OptionGroup var role: RoleOptions

  func validate() throws {
    guard (0...86_400).contains(grace) else { throw ValidationError("--grace must be 0 to 86400") }
    guard (0.1...86_400).contains(stepTimeout) else { throw ValidationError("--step-timeout must be 0.1 to 86400") }
  }

  func run() throws {
    let stop = try StopSignal(followingParent: role.withParent)
    // 'none' is a worker for sweeps that need no model.
    let directory = options.model == "none" ? nil : try options.directory()
    let hello = Hello(
      role: .worker, instance: InstanceID(), name: role.processName, model: directory?.name ?? "none",
      fingerprint: try directory?.fingerprint(engine.precision, cache: EngineOptions.cache) ?? .none)
    var service = try WorkerService(
      context: MessagingContext(), coordinator: coordinator, hello: hello, grace: .seconds(grace),
      stepTimeout: .seconds(stepTimeout), logger: role.logger("worker"))
    let engine = self.engine
    try service.run(until: stop.descriptor) { try directory.map { try engine.load($0) } }
  }
}
