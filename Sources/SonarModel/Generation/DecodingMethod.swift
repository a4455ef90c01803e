/// How the decoder's tokens are chosen.
///
/// In JSON `"greedy"`, `{"beam": size}` or `{"sample": {...}}`.
public enum DecodingMethod: Hashable, Sendable, Codable {
  /// The most probable token at each step.
  case greedy
  /// Beam search as SONAR's pipeline does it (fairseq2's `BeamSearchSeq2SeqGenerator`).
  case beam(size: Int)
  /// Tokens drawn at random.
  case sample(Sampling)

  private enum CodingKeys: CodingKey { case beam, sample }

  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: CodingKeys.self) {
      if let sampling = try container.decodeIfPresent(Sampling.self, forKey: .sample) {
        self = .sample(sampling)
      } else {
        self = .beam(size: try container.decode(Int.self, forKey: .beam))
      }
      return
    }
    let container = try decoder.singleValueContainer()
    guard try container.decode(String.self) == "greedy" else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "neither greedy nor beam nor sample")
    }
    self = .greedy
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .greedy:
      var container = encoder.singleValueContainer()
      try container.encode("greedy")
    case .beam(let size):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(size, forKey: .beam)
    case .sample(let sampling):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(sampling, forKey: .sample)
    }
  }
}
