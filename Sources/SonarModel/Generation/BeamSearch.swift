import TensorKernels

/// Beam search with the rules of fairseq2's `BeamSearchSeq2SeqGenerator` as SONAR's pipeline configures it:
/// 2 × beam candidates a step; `</s>` ends a hypothesis only from within the top `beam`; done at `beam` finished ones;
/// `</s>` forced at the last step; `<unk>` never; score = Σ log p, the language token's own included, divided by
/// (length - 1), where length counts the two prompt tokens.
struct BeamSearch: DecodingSearch {
  private struct Live {
    var ids: [TokenID]
    /// Σ log p, the language token's own included.
    var total: Float
  }

  private struct Candidate {
    let parent: Int
    let token: TokenID
    let total: Float
  }

  private let size: Int
  private let maxTokens: Int
  private var live: [Live]
  private var finished: [Hypothesis] = []
  private var languageLogProbability: Float = 0

  let scoresPrompt = true

  init(size: Int, maxTokens: Int) {
    self.size = size
    self.maxTokens = maxTokens
    live = [Live(ids: [], total: 0)]
  }

  /// One more than 2 × beam, as `<unk>` may be among the best and is dropped.
  var query: ScoreQuery { ScoreQuery(top: 2 * size + 1, tokens: [Tokenizer.endOfSequence.index]) }

  private var step: Int { live.first?.ids.count ?? 0 }
  private var isLastStep: Bool { step == maxTokens - 1 }

  mutating func start(languageLogProbability: Float) {
    self.languageLogProbability = languageLogProbability
    live[0].total = languageLogProbability
  }

  mutating func advance(_ scores: [TokenScores]) -> SearchStep {
    let candidates = candidates(from: scores)
    for candidate in candidates.prefix(size) where candidate.token == Tokenizer.endOfSequence {
      finish(candidate)
      if finished.count == size { return .finish(result()) }
    }
    let next = candidates.filter { $0.token != Tokenizer.endOfSequence }.prefix(size)
    if next.isEmpty { return .finish(result()) }
    live = next.map { Live(ids: live[$0.parent].ids + [$0.token], total: $0.total) }
    return .extend(next.map { .init(parent: $0.parent, token: $0.token) })
  }

  /// The best 2 × beam extensions of all live hypotheses, best first.
  private func candidates(from scores: [TokenScores]) -> [Candidate] {
    var all: [Candidate] = []
    for (parent, row) in scores.enumerated() {
      let base = live[parent].total
      if isLastStep {
        guard let logit = row.logits.first else { continue }
        let total = base + (logit - row.logSumExp)
        all.append(Candidate(parent: parent, token: Tokenizer.endOfSequence, total: total))
      } else {
        for candidate in row.top where candidate.token != Tokenizer.unknown.index {
          let total = base + (candidate.logit - row.logSumExp)
          all.append(Candidate(parent: parent, token: TokenID(candidate.token), total: total))
        }
      }
    }
    // A stable order, so that equal totals do not depend on the sort: hypotheses first, then token ids.
    all.sort { ($1.total, $0.parent, $0.token) < ($0.total, $1.parent, $1.token) }
    return Array(all.prefix(2 * size))
  }

  private mutating func finish(_ candidate: Candidate) {
    let ids = live[candidate.parent].ids + [candidate.token]
    finished.append(Hypothesis(ids: ids, score: candidate.total / Float(ids.count + 1)))
  }

  private func result() -> Generation {
    let ranked = finished.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(
      \.element)
    guard let best = ranked.first else { return Generation(ids: [], logProbability: 0) }
    return Generation(
      ids: best.ids, logProbability: best.score * Float(best.ids.count + 1) - languageLogProbability,
      hypotheses: ranked)
  }
}
