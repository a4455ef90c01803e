import CVectorKernels
import Foundation

/// Reduces a row of logits, given in panels from the first token to the last, to what a query asks.
struct ScoreReduction {
  private let query: ScoreQuery
  private var maximum = -Float.infinity
  /// Σ e^(logit - maximum) so far.
  private var sum: Float = 0
  private var top: [TokenScores.Candidate] = []
  private var logits: [Float]
  private var all: [Float] = []

  init(_ query: ScoreQuery) {
    self.query = query
    logits = Array(repeating: 0, count: query.tokens.count)
    top.reserveCapacity(query.top + 1)
  }

  /// Takes the logits of the tokens from `start` on.
  mutating func add(_ panel: UnsafePointer<Float>, count: Int, start: Int, _ kernels: SonarsweepKernels) {
    let largest = kernels.maximum(panel, count)
    let combined = max(maximum, largest)
    sum = sum * expf(maximum - combined) + kernels.sum_exp(panel, combined, count)
    maximum = combined

    for (i, token) in query.tokens.enumerated() where (start..<start + count).contains(token) {
      logits[i] = panel[token - start]
    }
    if query.all { all.append(contentsOf: UnsafeBufferPointer(start: panel, count: count)) }
    if query.top > 0 { select(panel, count: count, start: start, kernels) }
  }

  var result: TokenScores {
    TokenScores(logSumExp: maximum + logf(sum), top: top, logits: logits, all: all)
  }

  /// Keeps the largest, largest first; of equal logits the one of the lower token first.
  private mutating func select(_ panel: UnsafePointer<Float>, count: Int, start: Int, _ kernels: SonarsweepKernels) {
    var i = 0
    while true {
      let threshold = top.count == query.top ? top[query.top - 1].logit : -.infinity
      i = kernels.first_above(panel, threshold, i, count)
      guard i < count else { return }
      let position = top.firstIndex { $0.logit < panel[i] } ?? top.count
      top.insert(.init(token: start + i, logit: panel[i]), at: position)
      if top.count > query.top { top.removeLast() }
      i += 1
    }
  }
}
