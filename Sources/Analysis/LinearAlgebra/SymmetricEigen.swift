import CLAPACK

/// The largest eigenvalues of a symmetric matrix and their vectors (LAPACK `dsyevr`).
package struct SymmetricEigen: Sendable {
  /// Largest first.
  package let values: [Double]
  /// One unit vector per row, in the order of `values`. Of the two signs, the one whose largest component is positive.
  package let vectors: RealMatrix

  /// - Parameters:
  ///   - matrix: [n, n]; only the upper triangle is read.
  ///   - count: how many; all of them where there are fewer.
  /// - Throws: `AnalysisError` where LAPACK does not converge, as on values that are not finite.
  package init(_ matrix: RealMatrix, largest count: Int) throws {
    precondition(matrix.rows == matrix.columns)
    let n = matrix.rows
    let count = min(count, n)
    guard count > 0 else {
      (values, vectors) = ([], RealMatrix(rows: 0, columns: n))
      return
    }
    guard matrix.values.allSatisfy(\.isFinite) else { throw AnalysisError("a covariance is not finite") }
    BLAS.prepare()
    var work = matrix.values
    var (eigenvalues, found) = ([Double](repeating: 0, count: n), Int32(0))
    var columns = [Double](repeating: 0, count: n * count)
    var support = [Int32](repeating: 0, count: 2 * n)
    let status = LAPACKE_dsyevr(
      LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")), CChar(UInt8(ascii: "U")), Int32(n), &work,
      Int32(n), 0, 0, Int32(n - count + 1), Int32(n), 0, &found, &eigenvalues, &columns, Int32(count), &support)
    guard status == 0, found == count else {
      throw AnalysisError("the eigenvalues of a \(n) × \(n) matrix were not found (LAPACK's dsyevr says \(status))")
    }
    // LAPACK gives columns, smallest first.
    values = Array(eigenvalues[..<count].reversed())
    vectors = RealMatrix(
      (0..<count).map { i in
        let vector = (0..<n).map { columns[$0 * count + count - 1 - i] }
        let largest = vector.max { abs($0) < abs($1) } ?? 0
        return largest < 0 ? vector.map { -$0 } : vector
      })
  }
}
