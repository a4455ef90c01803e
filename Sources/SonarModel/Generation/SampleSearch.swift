import Foundation
import TensorKernels

/// Draws a token at each step, until `</s>` or the limit. Temperature first, then top-k, then top-p.
///
/// Step t uses the first word of Philox under the seed, at the counter (t, 0, 0, 0), as a number u between 0 and 1: the
/// token drawn is the first at which the probabilities so far exceed u, in the order of the most probable first (ties: lower
/// id first), or of ids where neither top-k nor top-p is given. The log-probability is the model's own, whatever the
/// temperature and the choice of tokens.
struct SampleSearch: DecodingSearch {
  /// Above this, the device's selection of the largest costs more than a look at all.
  private static let mostSelected = 128

  private struct Candidate {
    let token: Int
    let logit: Float
    /// In proportion to its tempered probability; the largest has 1.
    let weight: Double
  }

  private let sampling: Sampling
  private let random: Philox
  private let maxTokens: Int
  private var ids: [TokenID] = []
  private var logProbability: Float = 0

  let scoresPrompt = false

  init(_ sampling: Sampling, maxTokens: Int) {
    self.sampling = sampling
    self.maxTokens = maxTokens
    random = Philox(seed: sampling.seed)
  }

  var query: ScoreQuery {
    if let k = sampling.topK, k <= Self.mostSelected { return ScoreQuery(top: k) }
    return ScoreQuery(top: 0, all: true)
  }

  mutating func start(languageLogProbability: Float) {}

  mutating func advance(_ scores: [TokenScores]) -> SearchStep {
    guard let row = scores.first, let drawn = draw(from: candidates(row)) else {
      // Logits that are not finite: there is no distribution to draw from.
      return .finish(Generation(ids: ids, logProbability: .nan))
    }
    let token = TokenID(drawn.token)
    ids.append(token)
    logProbability += drawn.logit - row.logSumExp
    return token == Tokenizer.endOfSequence || ids.count == maxTokens
      ? .finish(Generation(ids: ids, logProbability: logProbability))
      : .extend([.init(parent: 0, token: token)])
  }

  /// The tokens that may be drawn, in the order in which they are counted up; none where the logits are not finite.
  private func candidates(_ row: TokenScores) -> [Candidate] {
    let logits = row.all.isEmpty ? row.top : row.all.enumerated().map { .init(token: $0, logit: $1) }
    guard let largest = logits.map(\.logit).max(), largest.isFinite else { return [] }
    var candidates = logits.map {
      Candidate(token: $0.token, logit: $0.logit, weight: exp(Double($0.logit - largest) / sampling.temperature))
    }
    if let k = sampling.topK {
      candidates = Self.sorted(candidates, likely: 0)
      candidates.removeLast(max(0, candidates.count - k))
    }
    guard let p = sampling.topP else { return candidates }
    let total = candidates.reduce(0) { $0 + $1.weight }
    // What is less likely than its even share of the rest is never among the fewest that make up p, and together such
    // tokens have less than the rest: they need no sorting.
    let nucleus = Self.sorted(candidates, likely: total * (1 - p) / Double(candidates.count))
    var sum = 0.0
    let end = nucleus.firstIndex { candidate in
      sum += candidate.weight
      return sum >= p * total
    }
    return Array(nucleus.prefix(end.map { $0 + 1 } ?? nucleus.count))
  }

  private static func sorted(_ candidates: [Candidate], likely weight: Double) -> [Candidate] {
    candidates.filter { $0.weight >= weight }.sorted { ($1.logit, $0.token) < ($0.logit, $1.token) }
  }

  private func draw(from candidates: [Candidate]) -> Candidate? {
    let total = candidates.reduce(0) { $0 + $1.weight }
    guard total.isFinite else { return nil }
    let target = Philox.uniform(random.words((UInt32(truncatingIfNeeded: ids.count), 0, 0, 0)).0) * total
    var sum = 0.0
    let drawn = candidates.first { candidate in
      sum += candidate.weight
      return sum > target
    }
    return drawn ?? candidates.last
  }
}
