/// A sequence the decoder wrote.
public struct Hypothesis: Hashable, Sendable {
  /// Without the two prompt tokens, with `</s>` where it was generated.
  public let ids: [TokenID]
  /// Beam search's length-normalised score; for greedy decoding the total log-probability.
  public let score: Float

  public init(ids: [TokenID], score: Float) {
    self.ids = ids
    self.score = score
  }
}

/// What decoding one embedding gave.
public struct Generation: Hashable, Sendable {
  /// The tokens written, without the two prompt tokens, with `</s>` where it was generated.
  public let ids: [TokenID]
  /// The sum of the log-probabilities (natural) of `ids`.
  public let logProbability: Float
  /// Beam search's finished hypotheses, best first; empty for other methods.
  public let hypotheses: [Hypothesis]

  /// False where the embedding was so large that the decoder overflowed.
  public var isFinite: Bool { logProbability.isFinite && hypotheses.allSatisfy(\.score.isFinite) }

  public init(ids: [TokenID], logProbability: Float, hypotheses: [Hypothesis] = []) {
    self.ids = ids
    self.logProbability = logProbability
    self.hypotheses = hypotheses
  }
}
