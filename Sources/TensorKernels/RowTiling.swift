/// How the rows of a matrix product are cut into tiles, and to how many rows each is filled up.
///
/// oneDNN compiles a kernel per shape. Rounding the number of rows up bounds how many are ever compiled; the rows in
/// excess are computed and ignored.
enum RowTiling: Hashable {
  /// Tiles of up to `largest` rows: a row's bits do not depend on the number of rows (float32 and int8 kernels, and
  /// bfloat16 without AMX; the batch-invariance tests hold them to it).
  case flexible
  /// Every product has exactly `fixed` rows: bfloat16 on AMX sums in another order for other row counts.
  case uniform

  private static let largest = 256
  private static let fixed = 64

  /// Calls `body` with each tile's first row, its number of rows, and how many are computed.
  func forEachTile(of rows: Int, _ body: (_ start: Int, _ count: Int, _ padded: Int) throws -> Void) rethrows {
    let tile = self == .uniform ? Self.fixed : Self.largest
    var start = 0
    while start < rows {
      let count = min(tile, rows - start)
      try body(start, count, self == .uniform ? Self.fixed : Self.padded(count))
      start += count
    }
  }

  private static func padded(_ rows: Int) -> Int {
    switch rows {
    case ...16: rows
    case ...128: roundUp(rows, to: 8)
    default: roundUp(rows, to: 32)
    }
  }

  /// How many rows must have memory so that any tiling of `rows` fits.
  static func capacity(for rows: Int) -> Int { roundUp(rows, to: fixed) }

  private static func roundUp(_ value: Int, to multiple: Int) -> Int { (value + multiple - 1) / multiple * multiple }
}
