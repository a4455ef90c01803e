/// Rows that are about to go through a linear map, in the precision of its product.
public final class Activation {
  enum Rows {
    case fp32(Matrix<Float>)
    case bf16(Matrix<UInt16>)
    /// Values, and a scale per row: a value stands for itself times its row's scale.
    case int8(Matrix<Int8>, scales: Matrix<Float>)
  }

  public let columns: Int
  let storage: Rows

  init(columns: Int, precision: Precision) {
    self.columns = columns
    storage =
      switch precision {
      case .fp32: .fp32(Matrix(columns: columns))
      case .bf16: .bf16(Matrix(columns: columns))
      case .int8: .int8(Matrix(columns: columns), scales: Matrix(columns: 1))
      }
  }

  public var rows: Int {
    switch storage {
    case .fp32(let values): values.rows
    case .bf16(let values): values.rows
    case .int8(let values, _): values.rows
    }
  }

  func resize(rows: Int) {
    switch storage {
    case .fp32(let values): values.resize(rows: rows)
    case .bf16(let values): values.resize(rows: rows)
    case .int8(let values, let scales):
      values.resize(rows: rows)
      scales.resize(rows: rows)
    }
  }

  /// Where a row starts, for a product's source.
  func pointer(toRow row: Int) -> UnsafeMutableRawPointer {
    switch storage {
    case .fp32(let values): UnsafeMutableRawPointer(values.row(row))
    case .bf16(let values): UnsafeMutableRawPointer(values.row(row))
    case .int8(let values, _): UnsafeMutableRawPointer(values.row(row))
    }
  }
}
