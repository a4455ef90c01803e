import CLAPACK

/// Systems of a symmetric positive definite matrix (LAPACK `dposv`, Cholesky).
package enum PositiveDefinite {
  /// The x of `matrix · x = right`; only the upper triangle of `matrix` is read. Throws `AnalysisError` where the matrix
  /// is not positive definite.
  package static func solve(_ matrix: RealMatrix, _ right: [Double]) throws -> [Double] {
    precondition(matrix.rows == matrix.columns && matrix.rows == right.count)
    guard !right.isEmpty else { return [] }
    BLAS.prepare()
    var (work, solution) = (matrix.values, right)
    let n = Int32(matrix.rows)
    let status = LAPACKE_dposv(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "U")), n, 1, &work, n, &solution, 1)
    guard status == 0 else {
      throw AnalysisError("a \(n) × \(n) system could not be solved (LAPACK's dposv says \(status))")
    }
    return solution
  }
}
