/// Gaussian noise on a combination: a direction drawn from the seed alone, of a length relative to the combination's.
///
/// Element j of the direction depends on the seed and j only, so that units with the same seed share a direction. It is
/// normalised, and then as long as `scale` times the combination's L2 norm.
public struct Noise: Hashable, Sendable {
  public let scale: Float
  public let seed: UInt64

  public init(scale: Float, seed: UInt64) {
    self.scale = scale
    self.seed = seed
  }
}
