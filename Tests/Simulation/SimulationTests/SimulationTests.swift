import FleetSimulation
import Testing

@Suite("Simulated fleets", .serialized)
struct SimulationTests {
  @Test("10,000 fleets under faults keep every promise")
  func seeds() {
    let failures = Simulations.run(seeds: 0..<10_000)
    for failure in failures.prefix(10) { Issue.record("\(failure)") }
    #expect(failures.isEmpty)
  }

  @Test("a run follows from its seed alone")
  func replay() throws {
    for seed: UInt64 in 0..<20 {
      let traces = try (0..<2).map { _ in
        var lines: [String] = []
        let simulation = try Simulation(Scenario(seed: seed), trace: { lines.append($0) })
        try simulation.run()
        return lines
      }
      #expect(traces[0] == traces[1], "seed \(seed)")
    }
  }

  @Test(
    "after any of 100,000 mutated frames the state machine behind each socket is sound",
    arguments: FrameFuzz.Target.allCases)
  func frames(target: FrameFuzz.Target) throws {
    var fuzz = try FrameFuzz(target, seed: 11)
    let outcome = try fuzz.run(frames: 100_000)
    #expect(outcome.refused > 10_000 && outcome.handled > 10_000, "both the codec and the state machine are tried")
  }

  @Test("with 10,000 workers and 10^9 units, events and memory do not grow with what is done")
  func scale() throws {
    let tenths = try ScaleRun().run()
    let (first, last) = (try #require(tenths.first), try #require(tenths.last))
    // The first tenth is the fleet's start; the last its tail, where shards shrink.
    let middle = tenths.dropFirst().dropLast().map { Double($0.events) / Double($0.units) }
    #expect(try #require(middle.max()) < 2 * #require(middle.min()))
    #expect(last.residentBytes < first.residentBytes + 256 << 20)
  }
}
