/// Wilson's score interval of a proportion (1927): right near 0 and 1 too, where most rates of a sweep are.
package enum Wilson {
  /// The 97.5% point of the standard normal distribution.
  package static let z = 1.959963984540054

  /// 95% confidence. `count` of `n`, with n at least 1.
  package static func interval(_ count: Int, of n: Int) -> Finding.Interval {
    let (n, p) = (Double(n), Double(count) / Double(n))
    let centre = p + z * z / (2 * n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    // The ends at 0 and 1 are exact; rounding must not move them.
    return Finding.Interval(
      low: count == 0 ? 0 : (centre - half) / scale, high: Double(count) == n ? 1 : (centre + half) / scale,
      method: "wilson")
  }
}
