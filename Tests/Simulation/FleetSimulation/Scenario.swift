import TestSupport

/// What happens to a simulated fleet, all of it drawn from a seed.
public struct Scenario: Sendable {
  struct JobPlan {
    let units: UInt64
    let priority: Int
  }

  public let seed: UInt64
  let workers: Int
  let jobs: [JobPlan]
  /// The most stores that are open at a time, and how long a job's turn is.
  let places: Int
  let turn: Duration
  /// Average time between what people ask for: pauses, priorities, cancellations ...; nil where they ask for nothing.
  let requestInterval: Duration?
  /// Faults happen until then; afterwards the fleet is left alone and has to finish.
  let calmFrom: Duration
  /// Average time between faults of the whole fleet.
  let faultInterval: Duration
  /// Of every message.
  let dropProbability: Double
  let duplicateProbability: Double
  let reorderProbability: Double
  let longestDelay: Duration
  /// Of every commit.
  let diskFaultProbability: Double
  /// A worker dies, or hangs, as soon as it begins one of these units of the first job.
  let killers: Set<UInt64>
  let hangers: Set<UInt64>
  /// A worker ten times slower than the others, and one whose records are wrong until it is replaced.
  let slowWorker: Int?
  let corruptWorker: Int?

  /// Whether messages arrive, in order and in time, while connections last.
  var isNetworkReliable: Bool {
    dropProbability == 0 && duplicateProbability == 0 && reorderProbability == 0 && longestDelay < .seconds(1)
  }

  public init(seed: UInt64) {
    self.seed = seed
    var random = SplitMix64(seed: seed)
    workers = .random(in: 1...4, using: &random)
    let units = UInt64.random(in: 1...60, using: &random)
    calmFrom = .seconds(Int.random(in: 0...40, using: &random))
    faultInterval = .milliseconds([1000, 3000, 10_000].randomElement(using: &random) ?? 3000)
    func sometimes(_ probability: Double, _ random: inout SplitMix64) -> Double {
      Bool.random(using: &random) ? 0 : .random(in: 0...probability, using: &random)
    }
    dropProbability = sometimes(0.1, &random)
    duplicateProbability = sometimes(0.1, &random)
    reorderProbability = sometimes(0.1, &random)
    longestDelay = .milliseconds([2, 50, 1500].randomElement(using: &random) ?? 50)
    diskFaultProbability = sometimes(0.3, &random)
    func someUnits(_ probability: Double, _ units: UInt64, _ random: inout SplitMix64) -> Set<UInt64> {
      guard Double.random(in: 0...1, using: &random) < probability else { return [] }
      return Set((0..<Int.random(in: 1...2, using: &random)).map { _ in .random(in: 0..<units, using: &random) })
    }
    killers = someUnits(0.15, units, &random)
    hangers = someUnits(0.05, units, &random)
    slowWorker = workers > 1 && Double.random(in: 0...1, using: &random) < 0.2 ? 0 : nil
    corruptWorker = Double.random(in: 0...1, using: &random) < 0.1 ? workers - 1 : nil
    // One job in half of the runs, and nobody who asks for anything in some.
    let others = Bool.random(using: &random) ? 0 : Int.random(in: 1...4, using: &random)
    jobs =
      [JobPlan(units: units, priority: .random(in: 1...100, using: &random))]
      + (0..<others).map { _ in
        JobPlan(units: .random(in: 1...30, using: &random), priority: .random(in: 1...100, using: &random))
      }
    places = .random(in: 1...3, using: &random)
    turn = .seconds(Int.random(in: 1...30, using: &random))
    requestInterval = Bool.random(using: &random) ? nil : .milliseconds(Int.random(in: 500...8000, using: &random))
  }
}
