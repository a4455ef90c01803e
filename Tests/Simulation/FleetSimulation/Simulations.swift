import Dispatch
import Synchronization

/// Many runs, on all cores.
public enum Simulations {
  /// Runs the scenario of every seed and returns what was broken, by seed.
  public static func run(seeds: Range<UInt64>) -> [SimulationFailure] {
    let failures = Mutex<[SimulationFailure]>([])
    DispatchQueue.concurrentPerform(iterations: seeds.count) { index in
      let seed = seeds.lowerBound + UInt64(index)
      do {
        try Simulation(Scenario(seed: seed)).run()
      } catch let failure as SimulationFailure {
        failures.withLock { $0.append(failure) }
      } catch {
        failures.withLock { $0.append(SimulationFailure(seed: seed, time: .zero, what: "\(error)")) }
      }
    }
    return failures.withLock { $0 }.sorted { $0.seed < $1.seed }
  }
}
