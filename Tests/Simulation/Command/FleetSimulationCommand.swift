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
        fleet-simulation --scale --jobs 500 --workers 100
        fleet-simulation --frames 10000000 --seed 5
      """)

  @Option(help: "One run, by its seed.") var seed: UInt64?
  @Option(help: "How many runs, from seed 0.") var seeds = 10_000
  @Flag(help: "Print every message and fault.") var trace = false
  @Flag(help: "One run of 10^9 units.") var scale = false
  @Option(help: "In so many jobs, with different priorities.") var jobs = 1
  @Option(help: "By so many workers, at most 30,000.") var workers = 10_000

  @Option(help: "Mutate so many frames for each socket, from the seed.") var frames: Int?

  func run() throws {
    if let frames {
      for target in FrameFuzz.Target.allCases {
        var fuzz = try FrameFuzz(target, seed: seed ?? 0)
        let outcome = try fuzz.run(frames: frames)
        print("\(target): \(outcome.refused) frames refused, \(outcome.handled) handled")
      }
    } else if scale {
      try ScaleRun(workers: workers, jobs: jobs).run { print($0) }
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
