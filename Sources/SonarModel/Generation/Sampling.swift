/// How tokens are drawn: from the model's own probabilities, tempered, of the most probable tokens only.
public struct Sampling: Hashable, Sendable, Codable {
  /// Draws from this many of the most probable tokens; nil for all.
  public let topK: Int?
  /// Draws from as few of the most probable tokens (of those `topK` leaves) as together have this probability; nil for
  /// all. Holtzman et al., "The curious case of neural text degeneration", 2020.
  public let topP: Double?
  /// Logits are divided by it before they become probabilities.
  public let temperature: Double
  /// The same seed draws the same tokens.
  public let seed: UInt64

  private enum CodingKeys: String, CodingKey {
    case topK = "top_k"
    case topP = "top_p"
    case temperature, seed
  }

  public init(topK: Int? = nil, topP: Double? = nil, temperature: Double = 1, seed: UInt64 = 0) {
    self.topK = topK
    self.topP = topP
    self.temperature = temperature
    self.seed = seed
  }

  /// The sampling of one decode of a job: with a seed of its own, so that what is drawn depends on nothing else than the
  /// job's seed, the unit and the language.
  ///
  /// The new seed is the first word of Philox under the old seed, at the counter (low half of `unit`, high half of `unit`,
  /// the 32-bit FNV-1a hash of the language code's UTF-8, 0).
  public func derived(unit: UInt64, language: LanguageCode) -> Sampling {
    let hash = language.rawValue.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    let counter = (UInt32(truncatingIfNeeded: unit), UInt32(truncatingIfNeeded: unit >> 32), hash, 0 as UInt32)
    return Sampling(topK: topK, topP: topP, temperature: temperature, seed: Philox(seed: seed).words(counter).0)
  }
}
