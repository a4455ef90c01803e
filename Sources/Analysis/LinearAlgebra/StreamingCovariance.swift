import CLAPACK

/// Mean and covariance of vectors that pass by once, in double. Memory is that of the matrix and a block of rows.
///
/// Blocks are centred on their own mean and merged by the update of Chan, Golub and LeVeque (1979), which keeps its digits
/// where the mean is far from zero.
package struct StreamingCovariance {
  private static let blockRows = 256

  package let dim: Int
  private var merged = 0
  private var mergedMean: [Double]
  /// Sum of outer products of deviations; the upper triangle.
  private var scatter: RealMatrix
  private var block: [Double] = []

  package init(dim: Int) {
    self.dim = dim
    mergedMean = [Double](repeating: 0, count: dim)
    scatter = RealMatrix(rows: dim, columns: dim)
    block.reserveCapacity(dim * Self.blockRows)
  }

  package var count: Int { merged + block.count / max(dim, 1) }

  package mutating func add(_ row: some Collection<Float>) {
    block.append(contentsOf: row.lazy.map(Double.init))
    if block.count >= dim * Self.blockRows { merge() }
  }

  package mutating func add(_ row: [Double]) {
    block.append(contentsOf: row)
    if block.count >= dim * Self.blockRows { merge() }
  }

  /// The mean and the unbiased covariance (divided by n - 1; upper triangle). `count` must be at least 2.
  package mutating func result() -> (mean: [Double], covariance: RealMatrix) {
    merge()
    var covariance = scatter
    let scale = 1 / Double(max(merged - 1, 1))
    for i in covariance.values.indices { covariance.values[i] *= scale }
    return (mergedMean, covariance)
  }

  private mutating func merge() {
    let rows = block.count / max(dim, 1)
    guard rows > 0 else { return }
    let matrix = RealMatrix(rows: rows, columns: dim, values: block)
    let mean = matrix.mean
    scatter.addGram(of: matrix.subtracting(mean))
    let total = Double(merged + rows)
    let delta = zip(mean, mergedMean).map { $0 - $1 }
    let weight = Double(merged) * Double(rows) / total
    if weight > 0 {
      cblas_dsyr(CblasRowMajor, CblasUpper, Int32(dim), weight, delta, 1, &scatter.values, Int32(dim))
    }
    for j in 0..<dim { mergedMean[j] += delta[j] * Double(rows) / total }
    merged += rows
    block.removeAll(keepingCapacity: true)
  }
}
