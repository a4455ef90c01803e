import CLAPACK

/// A dense matrix of doubles, row-major [rows, columns], with the few products the analyses need (CBLAS).
package struct RealMatrix: Hashable, Sendable {
  package let rows: Int
  package let columns: Int
  package var values: [Double]

  package init(rows: Int, columns: Int, values: [Double]) {
    precondition(values.count == rows * columns, "a matrix has rows × columns values")
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  /// Zeros.
  package init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, values: [Double](repeating: 0, count: rows * columns))
  }

  /// Rows of equal length; no rows make a 0 × 0 matrix.
  package init(_ rows: [[Double]]) {
    self.init(rows: rows.count, columns: rows.first?.count ?? 0, values: rows.flatMap { $0 })
  }

  package subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  package func row(_ index: Int) -> [Double] { Array(values[index * columns..<(index + 1) * columns]) }

  /// The rows at these indices, in this order.
  package func rows(_ indices: [Int]) -> RealMatrix {
    RealMatrix(rows: indices.count, columns: columns, values: indices.flatMap { row($0) })
  }

  /// `self · otherᵀ`, [rows, other.rows].
  package func timesTransposed(_ other: RealMatrix) -> RealMatrix {
    precondition(columns == other.columns)
    var product = RealMatrix(rows: rows, columns: other.rows)
    guard rows > 0, other.rows > 0, columns > 0 else { return product }
    BLAS.prepare()
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(other.rows), Int32(columns), 1, values,
      Int32(columns), other.values, Int32(columns), 0, &product.values, Int32(other.rows))
    return product
  }

  /// `self · vector`, [rows].
  package func times(_ vector: [Double]) -> [Double] {
    precondition(columns == vector.count)
    var product = [Double](repeating: 0, count: rows)
    guard rows > 0, columns > 0 else { return product }
    BLAS.prepare()
    cblas_dgemv(
      CblasRowMajor, CblasNoTrans, Int32(rows), Int32(columns), 1, values, Int32(columns), vector, 1, 0, &product, 1)
    return product
  }

  /// `selfᵀ · vector`, [columns].
  package func transposedTimes(_ vector: [Double]) -> [Double] {
    precondition(rows == vector.count)
    var product = [Double](repeating: 0, count: columns)
    guard rows > 0, columns > 0 else { return product }
    BLAS.prepare()
    cblas_dgemv(
      CblasRowMajor, CblasTrans, Int32(rows), Int32(columns), 1, values, Int32(columns), vector, 1, 0, &product, 1)
    return product
  }

  /// Adds `otherᵀ · other` to the upper triangle of this square matrix.
  package mutating func addGram(of other: RealMatrix) {
    precondition(rows == columns && columns == other.columns)
    guard other.rows > 0, columns > 0 else { return }
    BLAS.prepare()
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, CblasTrans, Int32(columns), Int32(other.rows), 1, other.values, Int32(columns), 1,
      &values, Int32(columns))
  }

  /// The mean of the rows, [columns].
  package var mean: [Double] {
    transposedTimes([Double](repeating: 1 / Double(max(rows, 1)), count: rows))
  }

  /// The rows less a vector.
  package func subtracting(_ vector: [Double]) -> RealMatrix {
    var result = self
    for i in 0..<rows { for j in 0..<columns { result.values[i * columns + j] -= vector[j] } }
    return result
  }
}

enum BLAS {
  private static let isPrepared: Bool = {
    // One thread: sums then have the same bits on every machine with as wide a processor, however many cores it has.
    openblas_set_num_threads(1)
    return true
  }()

  static func prepare() { _ = isPrepared }
}
