import ArgumentParser
import FleetClient
import TerminalView

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how a job of a fleet stands, or the fleet.",
    discussion: """
      Examples:
        sonarsweep status
        sonarsweep status position
        sonarsweep status position --output json
      """)

  @Argument(help: "The job's id, or the start of it; the whole fleet without one.", completion: .jobs) var job: String?
  @Option(help: "table or json.") var output = OutputFormat.table
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    guard let name = job else { return try showFleet() }
    let job = try connection.run { try await $0.job(name) }
    switch output {
    case .json: try Output.json(job)
    case .table: RemoteTables.job(job)
    }
  }

  private func showFleet() throws {
    let fleet = try connection.run { try await $0.fleet() }
    guard output == .table else { return try Output.json(fleet) }
    let phases = RemoteJob.Phase.allCases.compactMap { phase in
      fleet.jobs[phase.rawValue].flatMap { $0 > 0 ? "\($0) \(phase.rawValue)" : nil }
    }
    var rows = [
      ["problem", fleet.problem],
      ["throughput", "\(Words.rate(fleet.unitsPerSecond)) units/s"],
      ["left", fleet.secondsLeft.flatMap { $0 > 0 ? Words.time($0) : nil } ?? ""],
      ["jobs", phases.isEmpty ? "none" : phases.joined(separator: ", ")],
      [
        "workers",
        "\(fleet.workers.working) working, \(fleet.workers.idle) idle, \(fleet.workers.draining) draining",
      ],
    ]
    if let aggregator = fleet.aggregator {
      rows.append(["aggregator", aggregator.problem.isEmpty ? aggregator.name : aggregator.problem])
      rows.append(["disk", "\(Words.bytes(aggregator.diskFreeBytes)) free of \(Words.bytes(aggregator.diskSizeBytes))"])
    } else {
      rows.append(["aggregator", "none: nothing can be committed"])
    }
    Output.table(["fleet", "version \(fleet.version)"], rows.filter { !$0[1].isEmpty })
  }
}
