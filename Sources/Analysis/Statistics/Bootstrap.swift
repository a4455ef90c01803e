/// Percentile bootstrap (Efron, 1979): 95% intervals from 1,000 seeded resamples.
package enum Bootstrap {
  package static let resamples = 1000
  package static let method = "bootstrap"

  /// Of any statistic of n things, given the indices of a resample; nil where n is below 2 or the statistic is never
  /// finite.
  package static func interval(
    n: Int, resamples: Int = resamples, seed: UInt64 = 1, _ statistic: ([Int]) -> Double
  ) -> Finding.Interval? {
    guard n >= 2 else { return nil }
    var random = SeededGenerator(seed: seed)
    var indices = [Int](repeating: 0, count: n)
    var values: [Double] = []
    for _ in 0..<resamples {
      for i in indices.indices { indices[i] = random.index(below: n) }
      values.append(statistic(indices))
    }
    return interval(of: values)
  }

  /// Of the mean.
  package static func interval(ofMean values: [Double], seed: UInt64 = 1) -> Finding.Interval? {
    let n = values.count
    guard n >= 2 else { return nil }
    var random = SeededGenerator(seed: seed)
    return interval(
      of: (0..<resamples).map { _ in
        var sum = 0.0
        for _ in 0..<n { sum += values[random.index(below: n)] }
        return sum / Double(n)
      })
  }

  /// The middle 95% of a statistic's values over resamples; nil where none is finite.
  package static func interval(of values: [Double]) -> Finding.Interval? {
    let sorted = values.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return nil }
    return Finding.Interval(low: quantile(sorted, 0.025), high: quantile(sorted, 0.975), method: method)
  }

  /// The same about the value of all, without the resamples' bias: resampling makes the largest eigenvalues larger.
  ///
  /// - Parameter shrink: where only some of many things were resampled, the square root of their share: the spread is that
  ///   much less.
  package static func interval(of values: [Double], about value: Double, shrink: Double) -> Finding.Interval? {
    let finite = values.filter(\.isFinite)
    let mean = finite.reduce(0, +) / Double(max(finite.count, 1))
    return interval(of: finite.map { value + ($0 - mean) * shrink })
  }

  /// Linear interpolation between order statistics (type 7 of Hyndman and Fan, numpy's default).
  package static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
    return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
  }
}
