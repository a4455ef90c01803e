import ArgumentParser
import Coordinator
import FleetAPI
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

      With the HTTP interface and the dashboard, here for this machine only:
        sonarsweep coordinator --bind tcp://127.0.0.1:5700 --http 127.0.0.1:5780 --results results --state state

      Jobs come in through the HTTP interface, by 'sonarsweep submit', or by the protocol's 'submit' message. 'sonarsweep \
      serve' starts coordinator and aggregator at once; 'sonarsweep run' a fleet for one job.
      """)

  @Option(help: "Where to listen: a tcp:// or ipc:// endpoint; port * is any free one.")
  var bind = "tcp://127.0.0.1:*"
  @Option(help: "The directory of the fleet's keys: only those in its list may connect. Changes to it count at once.")
  var keys: String?
  @Option(help: "A directory where accepted jobs are kept, so that a restart goes on with them.") var state: String?
  @Option(
    name: .customLong("lease"), help: "Seconds without a sign of a worker after which others get its units.")
  var leaseSeconds = 5.0
  @Option(name: .customLong("heartbeat"), help: "Seconds between a process's signs of life.") var heartbeatSeconds = 1.0
  @OptionGroup(title: "HTTP interface") var http: HTTPOptions
  @OptionGroup var role: RoleOptions

  func validate() throws {
    try EndpointRules.checkBind(bind, hasKeys: keys != nil)
    guard (0.01...60).contains(heartbeatSeconds) else { throw ValidationError("--heartbeat must be 0.01 to 60") }
    // The aggregator is heard of every second.
    guard (max(1.5, 2 * heartbeatSeconds)...86_400).contains(leaseSeconds) else {
      throw ValidationError("--lease must be at least 1.5 and twice --heartbeat, and at most a day")
    }
  }

  func run() throws {
    let stop = try StopSignal(followingParent: role.withParent)
    let logger = role.logger("coordinator")
    let desk = try http.address == nil ? nil : FleetDesk()
    var service = try CoordinatorService(
      context: MessagingContext(), bind: bind, keys: keys.map(KeyDirectory.init), desk: desk,
      journal: state.map { try JobJournal(directory: URL(filePath: $0)) }, settings: settings,
      logger: logger)
    print("coordinator listens on \(service.endpoint)")
    let server = try desk.flatMap { try http.start($0, logger: role.logger("http")) }
    if let server { print("HTTP on \(server.url)") }
    fflush(nil)
    defer { server?.stop() }
    try service.run(until: stop.descriptor)
  }

  private var settings: CoordinatorSettings {
    var settings = CoordinatorSettings()
    settings.lease = .seconds(leaseSeconds)
    settings.heartbeat = .seconds(heartbeatSeconds)
    // Microseconds since 1970: above all that a former coordinator has given out.
    settings.firstLease = UInt64(max(1, Date.now.timeIntervalSince1970 * 1e6))
    return settings
  }
}
