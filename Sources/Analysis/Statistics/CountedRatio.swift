import Foundation

/// The ratio of two sums over units that pass by once, such as token errors to expected tokens, with a bootstrap interval.
///
/// Equal pairs are counted, so memory is that of the different pairs. A resample draws each pair's count from a Poisson
/// distribution around it (the Poisson bootstrap: Chamandy et al., 2012), which needs no second look at the units.
package struct CountedRatio: Sendable {
  private struct Pair: Hashable {
    let numerator, denominator: Int
  }

  private var counts: [Pair: Int] = [:]
  package private(set) var count = 0
  private var numerators = 0
  private var denominators = 0

  package init() {}

  package mutating func add(_ numerator: Int, over denominator: Int) {
    counts[Pair(numerator: numerator, denominator: denominator), default: 0] += 1
    count += 1
    numerators += numerator
    denominators += denominator
  }

  /// Nil where the denominators' sum is 0.
  package var value: Double? { denominators > 0 ? Double(numerators) / Double(denominators) : nil }

  package func interval(seed: UInt64 = 1) -> Finding.Interval? {
    guard count >= 2 else { return nil }
    let pairs = counts.sorted { ($0.key.numerator, $0.key.denominator) < ($1.key.numerator, $1.key.denominator) }
    var random = SeededGenerator(seed: seed)
    return Bootstrap.interval(
      of: (0..<Bootstrap.resamples).map { _ in
        var (above, below) = (0.0, 0.0)
        for (pair, count) in pairs {
          let weight = Double(Self.poisson(Double(count), &random))
          above += weight * Double(pair.numerator)
          below += weight * Double(pair.denominator)
        }
        return below > 0 ? above / below : .nan
      })
  }

  /// Knuth's method; beyond 30 the rounded normal with the same mean and variance.
  private static func poisson(_ mean: Double, _ random: inout SeededGenerator) -> Int {
    guard mean < 30 else {
      let (u, v) = (1 - random.unit(), random.unit())
      let normal = (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
      return max(0, Int((mean + mean.squareRoot() * normal).rounded()))
    }
    let limit = exp(-mean)
    var (product, drawn) = (random.unit(), 0)
    while product > limit {
      product *= random.unit()
      drawn += 1
    }
    return drawn
  }
}
