import Aggregator
import ArgumentParser
import Foundation
import Messaging

struct AggregatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aggregator", abstract: "Receive records and commit them to the result store.")

  @Option(help: "The coordinator's endpoint.") var coordinator: String
  @Option(help: "Where workers send records: a tcp:// or ipc:// endpoint; port * is any free one.")
  var bind = "tcp://127.0.0.1:*"
  @Option(help: "The directory that holds one directory per job.") var results = "results"
  @OptionGroup var role: RoleOptions

  func validate() throws { try Endpoint.check(bind) }

  func run() throws {
    let stop = try StopSignal(followingParent: role.withParent)
    var service = try AggregatorService(
      context: MessagingContext(), coordinator: coordinator, bind: bind, results: URL(filePath: results),
      name: role.processName, logger: role.logger("aggregator"))
    print("aggregator listens on \(service.endpoint)")
    fflush(nil)
    try service.run(until: stop.descriptor)
  }
}
