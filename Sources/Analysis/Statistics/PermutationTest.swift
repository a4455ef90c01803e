/// How likely a statistic as large as the one seen is, were the order of things by chance.
///
/// Up to 7 things every order is tried and the p-value is exact; else 9,999 seeded ones are, and the order seen counts as
/// one more (Phipson and Smyth, 2010), so that the p-value is never 0.
package enum PermutationTest {
  package static let shuffles = 9_999
  private static let exactUpTo = 7

  /// - Parameters:
  ///   - n: how many things are ordered.
  ///   - shuffles: how many orders are tried where they are too many.
  ///   - statistic: of an order, larger meaning more extreme; the identity is the order seen.
  package static func pValue(
    n: Int, shuffles: Int = shuffles, seed: UInt64 = 1, _ statistic: ([Int]) -> Double
  ) -> Double {
    var order = Array(0..<n)
    // Equal up to rounding counts as equal.
    let seen = statistic(order)
    let threshold = seen - 1e-12 * max(1, abs(seen))
    if n <= exactUpTo {
      var (extreme, all) = (0, 0)
      permute(&order, n) {
        all += 1
        extreme += statistic($0) >= threshold ? 1 : 0
      }
      return Double(extreme) / Double(all)
    }
    var random = SeededGenerator(seed: seed)
    var extreme = 1
    for _ in 0..<shuffles {
      random.shuffle(&order)
      if statistic(order) >= threshold { extreme += 1 }
    }
    return Double(extreme) / Double(shuffles + 1)
  }

  /// Heap's algorithm.
  private static func permute(_ order: inout [Int], _ n: Int, _ body: ([Int]) -> Void) {
    guard n > 1 else { return body(order) }
    for i in 0..<n {
      permute(&order, n - 1, body)
      if i < n - 1 { order.swapAt(n % 2 == 0 ? i : 0, n - 1) }
    }
  }
}
