/// How the rows of a matrix product are cut into tiles, and to how many rows each is filled up.
///
/// oneDNN compiles a kernel per shape. Rounding the number of rows up bounds how many are ever compiled; the rows in
/// excess are computed and ignored. A row's bits must not depend on how many others there are, which the batch-invariance
/// tests hold every kernel to.
enum RowTiling: Hashable {
  /// Tiles of any number of rows up to 256, with any number of threads: float32 with AVX-512, bfloat16
  /// without AMX, int8.
  case flexible
  /// Multiples of six rows up to 48, in one thread: float32 without AVX-512. That kernel works on six rows at a time; a
  /// rest, a product of more than 72 rows, and what several threads share are summed in another order.
  case sixes
  /// 64 rows, in one thread: bfloat16 on AMX, where sums depend on both.
  case uniform

  /// - Parameter implementation: oneDNN's name of the kernel, as `brg:avx512_core` or `gemm:jit`.
  init(_ precision: Precision, implementation: String) {
    switch precision {
    case .fp32 where implementation.hasPrefix("gemm"): self = .sixes
    case .bf16 where implementation.contains("amx"): self = .uniform
    default: self = .flexible
    }
  }

  /// Whether a product must have one thread only.
  var isSingleThreaded: Bool { self != .flexible }

  private var largest: Int {
    switch self {
    case .flexible: 256
    case .sixes: 48
    case .uniform: 64
    }
  }

  /// Calls `body` with each tile's first row, its number of rows, and how many are computed.
  func forEachTile(of rows: Int, _ body: (_ start: Int, _ count: Int, _ padded: Int) throws -> Void) rethrows {
    var start = 0
    while start < rows {
      let count = min(largest, rows - start)
      try body(start, count, padded(count))
      start += count
    }
  }

  private func padded(_ rows: Int) -> Int {
    switch (self, rows) {
    case (.flexible, ...16): rows
    case (.flexible, ...128): Self.roundUp(rows, to: 8)
    case (.flexible, _): Self.roundUp(rows, to: 32)
    case (.sixes, _): Self.roundUp(rows, to: 6)
    case (.uniform, _): largest
    }
  }

  /// How many rows must have memory so that any tiling of `rows` fits.
  static func capacity(for rows: Int) -> Int { max(roundUp(rows, to: 64), roundUp(rows, to: 6)) }

  private static func roundUp(_ value: Int, to multiple: Int) -> Int { (value + multiple - 1) / multiple * multiple }
}
