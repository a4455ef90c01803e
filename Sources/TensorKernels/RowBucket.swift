/// The row counts for which matrix products are compiled.
///
/// oneDNN compiles a kernel per shape. Rounding the number of rows up to a bucket bounds how many are ever compiled;
/// the rows in excess are computed and ignored.
enum RowBucket {
  static func size(for rows: Int) -> Int {
    switch rows {
    case ...16: rows
    case ...128: roundUp(rows, to: 8)
    default: roundUp(rows, to: 64)
    }
  }

  private static func roundUp(_ value: Int, to multiple: Int) -> Int { (value + multiple - 1) / multiple * multiple }
}
