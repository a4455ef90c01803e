import ArgumentParser
import FleetSimulation

@main
struct FleetSimulationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet-simulation",
    abstract: "Run the fleet's state machines under simulated faults, or repeat one such run.",
    discussion: """
      Examples:
        fleet-simulation --seeds 100000
        fleet-simulation --seed 1234 --trace
        fleet-simulation --scale
      """)

  @Option(help: "One run, by its seed.") var seed: UInt64?
  @Option(help: "How many runs, from seed 0.") var seeds = 10_000
  @Flag(help: "Print every message and fault.") var trace = false
  @Flag(help: "One run of 10,000 workers and 10^9 units.") var scale = false

  func run() throws {
    if scale {
      try ScaleRun().run { print($0) }
    } else if let seed {
      let simulation = try Simulation(Scenario(seed: seed), trace: trace ? { print($0) } : nil)
      try simulation.run()
      print(simulation.summary)
    } else {
      let failures = Simulations.run(seeds: 0..<UInt64(max(0, seeds)))
      for failure in failures.prefix(20) { print(failure) }
      print("\(seeds) runs, \(failures.count) failures")
      if !failures.isEmpty { throw ExitCode.failure }
    }
  }
}
