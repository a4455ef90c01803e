/// Mean and variance of values that pass by once (Welford, 1962), with an interval of the mean: bootstrap while the values
/// are few enough to keep, then the normal one.
package struct StreamingMean: Sendable {
  package private(set) var count = 0
  package private(set) var mean = 0.0
  private var squares = 0.0
  private let limit: Int
  /// The values, until there are more than `limit`.
  private var kept: [Double]? = []

  package init(keeping limit: Int = 10_000) { self.limit = limit }

  package mutating func add(_ value: Double) {
    count += 1
    let delta = value - mean
    mean += delta / Double(count)
    squares += delta * (value - mean)
    if kept != nil, count <= limit { kept?.append(value) } else { kept = nil }
  }

  /// Unbiased; 0 below two values.
  package var variance: Double { count < 2 ? 0 : squares / Double(count - 1) }
  package var standardDeviation: Double { variance.squareRoot() }

  /// 95%, of the mean; nil below two values.
  package var interval: Finding.Interval? {
    if let kept { return Bootstrap.interval(ofMean: kept) }
    let half = Wilson.z * (variance / Double(count)).squareRoot()
    return Finding.Interval(low: mean - half, high: mean + half, method: "normal")
  }
}
