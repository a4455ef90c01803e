import SonarModel

/// What a unit computes: a linear combination of sources, noise on it, then decodes of the resulting embedding.
public struct Probe: Hashable, Sendable {
  public struct Term: Hashable, Sendable {
    public let weight: Float
    public let source: Source

    public init(weight: Float = 1, _ source: Source) {
      self.weight = weight
      self.source = source
    }
  }

  public enum Source: Hashable, Sendable {
    /// The embedding of a token sequence.
    case sequence(TokenSequence)
    /// A vector the job names.
    case vector(NamedVector)
    /// A vector known from the unit's index alone, for measuring the fleet without a model: element j is
    /// (unit + j) mod 65,536.
    case ramp(UnitIndex, dim: Int)
  }

  public let terms: [Term]
  /// Added to the combination; nil for none.
  public let noise: Noise?
  /// Where in the encoder's input of the first term, a sequence, its states are read; nil unless the kind has states.
  /// 0 is the first content token.
  public let statePosition: Int?
  public let decodes: [DecodeRequest]

  public init(terms: [Term], noise: Noise? = nil, statePosition: Int? = nil, decodes: [DecodeRequest] = []) {
    self.terms = terms
    self.noise = noise
    self.statePosition = statePosition
    self.decodes = decodes
  }
}

/// One decode of a probe's embedding.
public struct DecodeRequest: Hashable, Sendable {
  public let language: LanguageCode
  public let method: DecodingMethod
  /// The most tokens to write, `</s>` included.
  public let maxTokens: Int
  /// What an exact round trip or translation would give; nil where there is no such thing.
  public let expected: TokenSequence?

  public init(language: LanguageCode, method: DecodingMethod, maxTokens: Int, expected: TokenSequence?) {
    self.language = language
    self.method = method
    self.maxTokens = maxTokens
    self.expected = expected
  }
}
