import ArgumentParser
import Coordinator
import FleetSecurity
import Foundation
import Messaging

struct CoordinatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coordinator", abstract: "Hold jobs and lease their shards to workers.",
    discussion: """
      Example, in three terminals:
        sonarsweep coordinator --bind tcp://127.0.0.1:5700
        sonarsweep aggregator --coordinator tcp://127.0.0.1:5700 --results results
        sonarsweep worker --coordinator tcp://127.0.0.1:5700

      Open to other machines, which wants keys ('sonarsweep keys --help'):
        sonarsweep coordinator --bind 'tcp://*:5700' --keys keys

      Jobs come in by the protocol's 'submit' message; there is no command for it yet. 'sonarsweep run' starts a fleet \
      of its own.
      """)

  @Option(help: "Where to listen: a tcp:// or ipc:// endpoint; port * is any free one.")
  var bind = "tcp://127.0.0.1:*"
  @Option(help: "The directory of the fleet's keys: only those in its list may connect. Changes to it count at once.")
  var keys: String?
  @OptionGroup var role: RoleOptions

  func validate() throws { try EndpointRules.checkBind(bind, hasKeys: keys != nil) }

  func run() throws {
    let stop = try StopSignal(followingParent: role.withParent)
    var service = try CoordinatorService(
      context: MessagingContext(), bind: bind, keys: keys.map(KeyDirectory.init), settings: .init(),
      logger: role.logger("coordinator"))
    print("coordinator listens on \(service.endpoint)")
    fflush(nil)
    try service.run(until: stop.descriptor)
  }
}
