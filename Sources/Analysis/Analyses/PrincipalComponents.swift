/// Principal components of vectors that pass by once: the eigenvectors of their covariance.
package struct PrincipalComponents {
  package let count: Int
  package let mean: [Double]
  /// Along each component, unbiased; largest first.
  package let variances: [Double]
  package let totalVariance: Double
  /// One unit vector per row.
  package let components: RealMatrix

  /// Throws `AnalysisError` where there are fewer than two vectors, or all are the same.
  package init(_ covariance: inout StreamingCovariance, components: Int) throws {
    guard covariance.count >= 2 else { throw AnalysisError("principal components need two vectors or more") }
    count = covariance.count
    let (mean, matrix) = covariance.result()
    self.mean = mean
    totalVariance = (0..<matrix.rows).reduce(0) { $0 + matrix[$1, $1] }
    guard totalVariance > 0 else { throw AnalysisError("all vectors are the same: there are no principal components") }
    let eigen = try SymmetricEigen(matrix, largest: min(components, count - 1))
    variances = eigen.values.map { max($0, 0) }
    self.components = eigen.vectors
  }

  /// Shares of the total variance.
  package var ratios: [Double] { variances.map { $0 / totalVariance } }

  /// A vector along the components.
  package func project(_ row: some Collection<Float>) -> [Double] {
    components.times(zip(row, mean).map { Double($0) - $1 })
  }

  /// Intervals of the ratios and of their running sums, by resampling vectors.
  ///
  /// - Parameters:
  ///   - sample: vectors along the components, each with its squared norm about the mean. The variance outside the
  ///     components is resampled as a whole, so that a resample costs as much as the components, not the dimensions.
  package func intervals(_ sample: [(projection: [Double], squaredNorm: Double)], of count: Int) throws
    -> (ratios: [Finding.Interval?], cumulative: [Finding.Interval?])
  {
    let width = variances.count
    let rows = RealMatrix(sample.map(\.projection))
    var (ratios, cumulative) = (
      [[Double]](repeating: [], count: width), [[Double]](repeating: [], count: width)
    )
    guard sample.count >= 3, width > 0 else { return ([nil], [nil]) }
    var random = SeededGenerator(seed: 1)
    for _ in 0..<Self.resamples {
      let indices = (0..<sample.count).map { _ in random.index(below: sample.count) }
      var covariance = StreamingCovariance(dim: width)
      var squares = 0.0
      for i in indices {
        covariance.add(rows.row(i))
        squares += sample[i].squaredNorm
      }
      let (mean, matrix) = covariance.result()
      let inside = (0..<width).reduce(0) { $0 + matrix[$1, $1] }
      // What the components leave of the squared norms; its mean is taken to be that of all vectors, 0.
      let n = Double(sample.count)
      let projected = (inside * (n - 1) + n * Vectors.dot(mean, mean))
      let total = inside + max(0, squares - projected) / (n - 1)
      var sum = 0.0
      for (k, value) in try SymmetricEigen(matrix, largest: width).values.enumerated() {
        sum += value
        ratios[k].append(value / total)
        cumulative[k].append(sum / total)
      }
    }
    let shrink = (Double(sample.count) / Double(max(count, sample.count))).squareRoot()
    var sum = 0.0
    let sums = self.ratios.map { ratio in
      sum += ratio
      return sum
    }
    return (
      zip(ratios, self.ratios).map { Bootstrap.interval(of: $0, about: $1, shrink: shrink) },
      zip(cumulative, sums).map { Bootstrap.interval(of: $0, about: $1, shrink: shrink) }
    )
  }

  private static let resamples = 200
}
