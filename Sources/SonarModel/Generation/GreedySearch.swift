import TensorKernels

/// Argmax until `</s>` or the limit.
struct GreedySearch: DecodingSearch {
  private let maxTokens: Int
  private var ids: [TokenID] = []
  private var logProbability: Float = 0

  let query = ScoreQuery(top: 1)
  let scoresPrompt = false

  init(maxTokens: Int) { self.maxTokens = maxTokens }

  mutating func start(languageLogProbability: Float) {}

  mutating func advance(_ scores: [TokenScores]) -> SearchStep {
    guard let row = scores.first, let best = row.top.first else {
      return .finish(Generation(ids: ids, logProbability: logProbability))
    }
    let token = TokenID(best.token)
    ids.append(token)
    logProbability += best.logit - row.logSumExp
    return token == Tokenizer.endOfSequence || ids.count == maxTokens
      ? .finish(Generation(ids: ids, logProbability: logProbability))
      : .extend([.init(parent: 0, token: token)])
  }
}
