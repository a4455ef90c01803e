/// A promise that a simulated fleet broke.
public struct SimulationFailure: Error, CustomStringConvertible {
  public let seed: UInt64
  public let time: Duration
  public let what: String

  public var description: String {
    "seed \(seed), at \(time): \(what). Replay: .build/release/fleet-simulation --seed \(seed) --trace"
  }
}
