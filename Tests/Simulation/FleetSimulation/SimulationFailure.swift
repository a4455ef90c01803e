/// A promise that a simulated fleet broke.
public struct SimulationFailure: Error, CustomStringConvertible {
  public let seed: UInt64
  public let time: Duration
  public let what: String
  /// What repeats it: options of `fleet-simulation`.
  let options: String

  init(seed: UInt64, time: Duration, what: String, options: String? = nil) {
    self.seed = seed
    self.time = time
    self.what = what
    self.options = options ?? "--seed \(seed) --trace"
  }

  public var description: String {
    "seed \(seed), at \(time): \(what). Replay: .build/release/fleet-simulation \(options)"
  }
}
