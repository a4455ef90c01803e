import Foundation

/// Drawing without replacement.
package enum Hypergeometric {
  /// The probability of at least `count` marked ones among `drawn`, of `total` with `marked` ones (Fisher's exact test).
  package static func upperTail(_ count: Int, drawn: Int, marked: Int, of total: Int) -> Double {
    let all = logChoose(total, drawn)
    var sum = 0.0
    for k in max(count, drawn + marked - total, 0)...max(count, min(drawn, marked)) where k <= min(drawn, marked) {
      sum += exp(logChoose(marked, k) + logChoose(total - marked, drawn - k) - all)
    }
    return min(1, sum)
  }

  private static func logChoose(_ n: Int, _ k: Int) -> Double {
    lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
  }
}
