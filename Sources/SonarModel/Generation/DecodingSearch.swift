import TensorKernels

/// The choice of tokens for one sequence, as a pure state machine: scores of the live hypotheses in, what to feed next
/// out. It knows nothing of caches, batches or kernels.
protocol DecodingSearch {
  /// What to ask of each live hypothesis's logits at the coming step.
  var query: ScoreQuery { get }
  /// Whether the language token's own probability matters; if not, the logits after `</s>` are not computed.
  var scoresPrompt: Bool { get }

  /// Takes the logarithm of the language token's probability after `</s>`. Called first, where `scoresPrompt`.
  mutating func start(languageLogProbability: Float)
  /// Takes the scores of the live hypotheses, in order.
  mutating func advance(_ scores: [TokenScores]) -> SearchStep
}

enum SearchStep: Equatable {
  /// The new live hypotheses: each extends the `parent`-th of the former ones by `token`.
  case extend([Extension])
  case finish(Generation)

  struct Extension: Equatable {
    let parent: Int
    let token: TokenID
  }
}
