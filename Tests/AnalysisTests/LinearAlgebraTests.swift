import Analysis
import TestSupport
import Testing

@Suite("Linear algebra")
struct LinearAlgebraTests {
  @Test("products with transposed matrices")
  func products() {
    let a = RealMatrix([[1, 2], [3, 4], [5, 6]])
    let b = RealMatrix([[1, 0], [1, 1]])
    #expect(a.timesTransposed(b) == RealMatrix([[1, 3], [3, 7], [5, 11]]))
    #expect(a.times([1, -1]) == [-1, -1, -1])
    #expect(a.transposedTimes([1, 1, 1]) == [9, 12])
    #expect(a.mean.map { ($0 * 1e9).rounded() / 1e9 } == [3, 4])
  }

  @Test("eigenvalues of [[2, 1], [1, 2]] are 3 and 1, along the diagonals")
  func eigen() throws {
    let eigen = try SymmetricEigen(RealMatrix([[2, 1], [1, 2]]), largest: 2)
    #expect(zip(eigen.values, [3, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
    let half = 0.5.squareRoot()
    #expect(zip(eigen.vectors.row(0), [half, half]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(abs(abs(eigen.vectors[1, 0]) - half) < 1e-12 && eigen.vectors[1, 0] * eigen.vectors[1, 1] < 0)
    #expect(try SymmetricEigen(RealMatrix([[2, 1], [1, 2]]), largest: 1).values.count == 1)
  }

  @Test("a matrix that is not finite, or not positive definite, is an error")
  func errors() {
    #expect(throws: AnalysisError.self) { try SymmetricEigen(RealMatrix([[.nan, 1], [1, 2]]), largest: 1) }
    #expect(throws: AnalysisError.self) { try PositiveDefinite.solve(RealMatrix([[0, 0], [0, 0]]), [1, 1]) }
  }

  @Test("a positive definite system")
  func solve() throws {
    // 4x + y = 6, x + 3y = 7.
    let x = try PositiveDefinite.solve(RealMatrix([[4, 1], [0, 3]]), [6, 7])
    #expect(zip(x, [1, 2]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("a covariance in a stream keeps its digits far from zero, over many blocks")
  func covariance() {
    var random = SplitMix64(seed: 1)
    let rows = (0..<1000).map { _ in random.floats(3).map { Double($0) + 1e6 } }
    var streaming = StreamingCovariance(dim: 3)
    for row in rows { streaming.add(row) }
    let (mean, covariance) = streaming.result()
    // Two passes, by the definition.
    let expectedMean = (0..<3).map { j in rows.reduce(0) { $0 + ($1[j] - 1e6) } / 1000 + 1e6 }
    for i in 0..<3 {
      #expect(abs(mean[i] - expectedMean[i]) < 1e-8)
      for j in i..<3 {
        let expected = rows.reduce(0) { $0 + ($1[i] - expectedMean[i]) * ($1[j] - expectedMean[j]) } / 999
        #expect(abs(covariance[i, j] - expected) < 1e-8)
      }
    }
    #expect(streaming.count == 1000)
  }
}
