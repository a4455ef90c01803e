import CVectorKernels

/// The operators on the CPU: matrix products through oneDNN, the rest by the row kernels of CVectorKernels.
///
/// Belongs to one thread. Products give the same bits for a row whatever the number of rows (`RowTiling`); the other
/// operators treat each row or sequence by itself.
public final class CPUBackend: TensorBackend {
  public let precision: Precision
  let matmuls: MatmulCache
  private let storage: any PackedStorage
  let kernels = sonarsweep_kernels().pointee

  /// Float32 rows on their way to becoming activations, by width.
  var unconverted: [Int: Matrix<Float>] = [:]
  /// Integer sums of a tile of an 8-bit product, by width.
  var sums: [Int: Matrix<Int32>] = [:]
  /// Logits of a panel of the vocabulary, by width.
  private var logits: [Int: Matrix<Float>] = [:]
  private var scratch = Matrix<Float>(columns: 1)

  /// Throws a `TensorError` where this processor has no kernels of that precision.
  ///
  /// - Parameters:
  ///   - threads: how many threads a matrix product may use; some kernels give the same bits with one only, and get one.
  ///   - storage: where packed weights are kept.
  public init(precision: Precision = .fp32, threads: Int, storage: any PackedStorage = PrivateStorage()) throws {
    self.precision = precision
    self.storage = storage
    matmuls = try Self.matmuls(precision)
    OneDNN.setThreadCount(try matmuls.threads(precision, wanted: threads))
  }

  /// Those this processor has kernels of.
  public static var precisions: [Precision] { Precision.allCases.filter { (try? check($0)) != nil } }

  /// Throws a `TensorError` where this processor has no kernels of that precision.
  public static func check(_ precision: Precision) throws { _ = try matmuls(precision) }

  private static func matmuls(_ precision: Precision) throws -> MatmulCache {
    let matmuls = MatmulCache(engine: try OneDNN.Engine())
    _ = try matmuls.weightLayout(precision, inputs: 64, outputs: 64)
    if precision == .int8 { try matmuls.check8Bit() }
    return matmuls
  }

  /// What packed weights depend on besides the weights and the precision.
  public static var packingIdentity: String { OneDNN.identity }

  /// The instruction set of everything that is not a matrix product.
  public static var vectorKernels: String { String(cString: sonarsweep_kernels().pointee.name) }

  public func makeLinear(
    _ name: String, inputs: Int, outputs: Int, bias: [Float]?, weight: () throws -> [Float]
  ) throws -> PackedLinear {
    try PackedLinear(
      name, precision: precision, inputs: inputs, outputs: outputs, bias: bias, matmuls: matmuls, storage: storage,
      weight: weight)
  }

  public func makeProjection(
    _ name: String, vocabulary: Int, width: Int, rows: (Range<Int>) throws -> [Float]
  ) throws -> VocabularyProjection {
    try VocabularyProjection(vocabulary: vocabulary) { range in
      try makeLinear("\(name).\(range.lowerBound)", inputs: width, outputs: range.count, bias: nil) {
        try rows(range)
      }
    }
  }

  public func makeCache(layers: Int, width: Int) -> KeyValueCache {
    KeyValueCache(layers: layers, width: width, isHalf: precision != .fp32)
  }

  public func makeBuffer(columns: Int) -> Matrix<Float> { Matrix(columns: columns) }

  public func makeActivation(columns: Int) -> Activation { Activation(columns: columns, precision: precision) }

  public func write(_ values: [Float], into buffer: Matrix<Float>) {
    buffer.resize(rows: values.count / buffer.columns)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { buffer.pointer.update(from: base, count: buffer.rows * buffer.columns) }
    }
  }

  public func values(ofRow row: Int, in buffer: Matrix<Float>) -> [Float] { buffer.values(ofRow: row) }

  public func convert(_ input: Matrix<Float>, into output: Activation) {
    output.resize(rows: input.rows)
    for i in 0..<input.rows { convert(input.row(i), toRow: i, of: output) }
  }

  public func selectRows(_ rows: [Int], of input: Matrix<Float>, into output: Matrix<Float>) {
    output.resize(rows: rows.count)
    for (i, row) in rows.enumerated() { output.row(i).update(from: input.row(row), count: input.columns) }
  }

  public func store(_ input: Matrix<Float>, atRows rows: [Int], column: Int, in output: Matrix<Float>) {
    if let last = rows.max(), last >= output.rows { output.resize(rows: last + 1) }
    for (i, row) in rows.enumerated() {
      (output.row(row) + column).update(from: input.row(i), count: input.columns)
    }
  }

  public func embed(
    _ tokens: [TokenAt], table: EmbeddingTable, scale: Float, positions: PositionEncoding, into output: Matrix<Float>
  ) {
    output.resize(rows: tokens.count)
    positions.table.withUnsafeBufferPointer { encoding in
      guard let base = encoding.baseAddress else { return }
      for (i, token) in tokens.enumerated() {
        table.read(row: token.id, scale: scale, addend: base + token.position * table.width, into: output.row(i))
      }
    }
  }

  public func layerNorm(_ input: Matrix<Float>, _ norm: LayerNorm, into output: Matrix<Float>) {
    output.resize(rows: input.rows)
    for i in 0..<input.rows {
      kernels.layer_norm(input.row(i), norm.weight, norm.bias, norm.epsilon, input.columns, output.row(i))
    }
  }

  public func layerNorm(_ input: Matrix<Float>, _ norm: LayerNorm, into output: Activation) {
    produce(rows: input.rows, of: output) { layerNorm(input, norm, into: $0) }
  }

  public func attention(qkv: Matrix<Float>, offsets: [Int], heads: Int, into output: Activation) {
    let headWidth = output.columns / heads
    let longest = zip(offsets, offsets.dropFirst()).map { $1 - $0 }.max() ?? 0
    scratch.resize(rows: sonarsweep_attention_scratch(longest, headWidth))
    produce(rows: qkv.rows, of: output) { rows in
      for (start, end) in zip(offsets, offsets.dropFirst()) {
        kernels.attention(qkv.row(start), end - start, heads, headWidth, scratch.pointer, rows.row(start))
      }
    }
  }

  public func attentionStep(
    qkv: Matrix<Float>, layer: Int, rows: [CachedRow<KeyValueCache>], heads: Int, into output: Activation
  ) {
    let width = output.columns
    for (i, row) in rows.enumerated() {
      guard let slot = row.path.last else { continue }
      store(qkv.row(i) + width, count: 2 * width, at: row.cache.entry(slot, layer: layer), isHalf: row.cache.isHalf)
    }
    let longest = rows.map(\.path.count).max() ?? 0
    scratch.resize(rows: sonarsweep_attention_scratch(longest, 1))
    produce(rows: qkv.rows, of: output) { target in
      withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: max(longest, 1)) { entries in
        guard let base = entries.baseAddress else { return }
        for (i, row) in rows.enumerated() {
          for (t, slot) in row.path.enumerated() { base[t] = UnsafeRawPointer(row.cache.entry(slot, layer: layer)) }
          kernels.attention_step(
            qkv.row(i), base, row.path.count, heads, width / heads, row.cache.isHalf ? 1 : 0, scratch.pointer,
            target.row(i))
        }
      }
    }
  }

  public func addRows(of addend: Matrix<Float>, rows: [Int], column: Int, into output: Matrix<Float>) {
    for (i, row) in rows.enumerated() {
      kernels.add_scaled(1, addend.row(row) + column, output.columns, output.row(i))
    }
  }

  public func meanPool(_ input: Matrix<Float>, offsets: [Int], into output: Matrix<Float>) {
    output.resize(rows: max(offsets.count - 1, 0))
    for (i, (start, end)) in zip(offsets, offsets.dropFirst()).enumerated() {
      let target = output.row(i)
      target.update(repeating: 0, count: input.columns)
      for row in start..<end { kernels.add_scaled(1, input.row(row), input.columns, target) }
      let divisor = Float(end - start) + 1e-7
      for j in 0..<input.columns { target[j] /= divisor }
    }
  }

  public func scores(
    _ input: Activation, _ projection: VocabularyProjection, queries: [ScoreQuery]
  ) throws -> [TokenScores] {
    var reductions = queries.map { ScoreReduction($0) }
    var start = 0
    for panel in projection.panels {
      let buffer = Self.kept(&logits, columns: panel.outputs)
      try linear(input, panel, .none, into: buffer)
      for i in reductions.indices {
        reductions[i].add(buffer.row(i), count: panel.outputs, start: start, kernels)
      }
      start += panel.outputs
    }
    return reductions.map(\.result)
  }
}

extension CPUBackend {
  /// Has `body` write float32 rows that become the rows of `activation`.
  private func produce(rows: Int, of activation: Activation, _ body: (Matrix<Float>) -> Void) {
    activation.resize(rows: rows)
    if case .fp32(let values) = activation.storage { return body(values) }
    let buffer = Self.kept(&unconverted, columns: activation.columns)
    buffer.resize(rows: rows)
    body(buffer)
    for i in 0..<rows { convert(buffer.row(i), toRow: i, of: activation) }
  }

  func convert(_ values: UnsafePointer<Float>, toRow row: Int, of activation: Activation) {
    switch activation.storage {
    case .fp32(let target): target.row(row).update(from: values, count: activation.columns)
    case .bf16(let target): kernels.to_bfloat16(values, activation.columns, target.row(row))
    case .int8(let target, let scales):
      scales.pointer[row] = kernels.quantize(values, activation.columns, target.row(row))
    }
  }

  private func store(_ values: UnsafePointer<Float>, count: Int, at address: UnsafeMutableRawPointer, isHalf: Bool) {
    if isHalf {
      kernels.to_bfloat16(values, count, address.assumingMemoryBound(to: UInt16.self))
    } else {
      address.assumingMemoryBound(to: Float.self).update(from: values, count: count)
    }
  }

  static func kept<Element>(_ buffers: inout [Int: Matrix<Element>], columns: Int) -> Matrix<Element> {
    if let buffer = buffers[columns] { return buffer }
    let buffer = Matrix<Element>(columns: columns)
    buffers[columns] = buffer
    return buffer
  }
}
