import Aggregator
import ArgumentParser
import FleetSecurity
import Foundation
import Messaging

struct AggregatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aggregator", abstract: "Receive records and commit them to the result store.",
    discussion: """
      Examples:
        sonarsweep aggregator --coordinator tcp://127.0.0.1:5700 --results results
        sonarsweep aggregator --coordinator tcp://head:5700 --bind 'tcp://*:5701' --advertise tcp://head:5701 --keys keys
      """)

  @Option(help: "The coordinator's endpoint.") var coordinator: String
  @Option(help: "Where workers send records: a tcp:// or ipc:// endpoint; port * is any free one.")
  var bind = "tcp://127.0.0.1:*"
  @Option(help: "Where workers are told to connect, if --bind does not say it; port * is the one bound to.")
  var advertise: String?
  @Option(help: "The directory of the fleet's keys, as the coordinator's; also its own key to the coordinator.")
  var keys: String?
  @Option(help: "The directory that holds one directory per job.") var results = "results"
  @OptionGroup var role: RoleOptions

  func validate() throws {
    try EndpointRules.checkBind(bind, hasKeys: keys != nil)
    try EndpointRules.checkAdvertised(advertise, bind: bind)
    try EndpointRules.checkConnect(coordinator, hasKey: keys != nil, option: "--keys DIR")
  }

  func run() throws {
    let stop = try StopSignal(followingParent: role.withParent)
    var service = try AggregatorService(
      context: MessagingContext(), coordinator: coordinator, bind: bind, advertised: advertise,
      keys: keys.map(KeyDirectory.init), results: URL(filePath: results), name: role.processName,
      logger: role.logger("aggregator"))
    print("aggregator listens on \(service.endpoint)")
    fflush(nil)
    try service.run(until: stop.descriptor)
  }
}
