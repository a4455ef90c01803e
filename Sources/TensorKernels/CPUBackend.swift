/// The operators on the CPU: matrix products through oneDNN, the rest in Swift.
///
/// Belongs to one thread. Float32 products give the same bits for a row whatever the number of rows (measured for
/// oneDNN 2.6 and held by a test); the other operators treat each row or sequence by itself.
public final class CPUBackend: TensorBackend {
  private let engine: OneDNN.Engine
  /// [rows, vocabulary], kept between steps.
  private var logits = Matrix(columns: 0)

  /// - Parameter threads: how many threads a matrix product may use.
  public init(threads: Int) throws {
    OneDNN.setThreadCount(threads)
    engine = try OneDNN.Engine()
  }

  public func makeLinear(weight: [Float], bias: [Float]?, inputs: Int, outputs: Int) throws -> PackedLinear {
    try PackedLinear(engine: engine, weight: weight, bias: bias, inputs: inputs, outputs: outputs)
  }

  public func makeTable(_ values: [Float], width: Int) throws -> Matrix {
    guard width > 0, values.count % width == 0 else { throw TensorError("a table does not fill rows of \(width)") }
    return Matrix(values, columns: width)
  }

  public func makeCache(layers: Int, width: Int) -> KeyValueCache { KeyValueCache(layers: layers, width: width) }

  public func makeBuffer(columns: Int) -> Matrix { Matrix(columns: columns) }

  public func write(_ values: [Float], into buffer: Matrix) {
    buffer.resize(rows: values.count / buffer.columns)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { buffer.pointer.update(from: base, count: buffer.rows * buffer.columns) }
    }
  }

  public func values(ofRow row: Int, in buffer: Matrix) -> [Float] { buffer.values(ofRow: row) }

  public func selectRows(_ rows: [Int], of input: Matrix, into output: Matrix) {
    output.resize(rows: rows.count)
    for (i, row) in rows.enumerated() { output.row(i).update(from: input.row(row), count: input.columns) }
  }

  public func store(_ input: Matrix, atRow row: Int, column: Int, in output: Matrix) {
    if row >= output.rows { output.resize(rows: row + 1) }
    (output.row(row) + column).update(from: input.pointer, count: input.columns)
  }

  public func embed(
    _ tokens: [TokenAt], table: Matrix, scale: Float, positions: PositionEncoding, into output: Matrix
  ) {
    output.resize(rows: tokens.count)
    let width = table.columns
    positions.table.withUnsafeBufferPointer { encoding in
      for (i, token) in tokens.enumerated() {
        let (source, target) = (table.row(token.id), output.row(i))
        let offset = token.position * width
        for j in 0..<width { target[j] = source[j] * scale + encoding[offset + j] }
      }
    }
  }

  public func layerNorm(_ input: Matrix, _ norm: LayerNorm, into output: Matrix) {
    output.resize(rows: input.rows)
    let width = input.columns
    norm.weight.withUnsafeBufferPointer { weight in
      norm.bias.withUnsafeBufferPointer { bias in
        for i in 0..<input.rows {
          let (x, y) = (input.row(i), output.row(i))
          let mean = VectorMath.sum(x, width) / Float(width)
          for j in 0..<width { y[j] = x[j] - mean }
          let variance = VectorMath.dot(y, y, width) / Float(width)
          let scale = 1 / (variance + norm.epsilon).squareRoot()
          for j in 0..<width { y[j] = y[j] * scale * weight[j] + bias[j] }
        }
      }
    }
  }

  public func linear(_ input: Matrix, _ weights: PackedLinear, _ epilogue: Epilogue, into output: Matrix) throws {
    try weights(input, epilogue, into: output)
  }

  public func attention(qkv: Matrix, offsets: [Int], heads: Int, into output: Matrix) {
    output.resize(rows: qkv.rows)
    let width = qkv.columns / 3
    let headWidth = width / heads
    let scale = 1 / Float(headWidth).squareRoot()
    let longest = zip(offsets, offsets.dropFirst()).map { $1 - $0 }.max() ?? 0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(longest, 1)) { scratch in
      guard let weights = scratch.baseAddress else { return }
      for (start, end) in zip(offsets, offsets.dropFirst()) {
        for head in 0..<heads {
          let column = head * headWidth
          for i in start..<end {
            let query = qkv.row(i) + column
            for j in start..<end {
              weights[j - start] = VectorMath.dot(query, qkv.row(j) + width + column, headWidth) * scale
            }
            VectorMath.softmax(weights, end - start)
            let target = output.row(i) + column
            target.update(repeating: 0, count: headWidth)
            for j in start..<end {
              VectorMath.addScaled(weights[j - start], qkv.row(j) + 2 * width + column, into: target, headWidth)
            }
          }
        }
      }
    }
  }

  public func attentionStep(
    qkv: Matrix, layer: Int, rows: [CachedRow<KeyValueCache>], heads: Int, into output: Matrix
  ) {
    output.resize(rows: qkv.rows)
    let width = qkv.columns / 3
    let headWidth = width / heads
    let scale = 1 / Float(headWidth).squareRoot()
    let longest = rows.map(\.path.count).max() ?? 0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(longest, 1)) { scratch in
      withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>.self, capacity: max(longest, 1)) { entries in
        guard let weights = scratch.baseAddress else { return }
        for (i, row) in rows.enumerated() {
          let length = row.path.count
          for (t, slot) in row.path.enumerated() { entries[t] = row.cache.entry(slot, layer: layer) }
          entries[length - 1].update(from: qkv.row(i) + width, count: 2 * width)
          for head in 0..<heads {
            let column = head * headWidth
            let query = qkv.row(i) + column
            for t in 0..<length { weights[t] = VectorMath.dot(query, entries[t] + column, headWidth) * scale }
            VectorMath.softmax(weights, length)
            let target = output.row(i) + column
            target.update(repeating: 0, count: headWidth)
            for t in 0..<length {
              VectorMath.addScaled(weights[t], entries[t] + width + column, into: target, headWidth)
            }
          }
        }
      }
    }
  }

  public func addRows(of addend: Matrix, rows: [Int], column: Int, into output: Matrix) {
    for (i, row) in rows.enumerated() {
      VectorMath.addScaled(1, addend.row(row) + column, into: output.row(i), output.columns)
    }
  }

  public func meanPool(_ input: Matrix, offsets: [Int], into output: Matrix) {
    output.resize(rows: max(offsets.count - 1, 0))
    for (i, (start, end)) in zip(offsets, offsets.dropFirst()).enumerated() {
      let target = output.row(i)
      target.update(repeating: 0, count: input.columns)
      for row in start..<end { VectorMath.addScaled(1, input.row(row), into: target, input.columns) }
      let divisor = Float(end - start) + 1e-7
      for j in 0..<input.columns { target[j] /= divisor }
    }
  }

  public func scores(_ input: Matrix, projection: PackedLinear, queries: [ScoreQuery]) throws -> [TokenScores] {
    if logits.columns != projection.outputs { logits = Matrix(columns: projection.outputs) }
    try projection(input, .none, into: logits)
    return queries.enumerated().map { index, query in
      let row = UnsafePointer(logits.row(index))
      return TokenScores(
        logSumExp: VectorMath.logSumExp(row, projection.outputs),
        top: TopK.select(query.top, from: row, count: projection.outputs),
        logits: query.tokens.map { row[$0] },
        all: query.all ? logits.values(ofRow: index) : [])
    }
  }
}
