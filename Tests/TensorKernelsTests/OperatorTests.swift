import Foundation
import TensorKernels
import TestSupport
import Testing

@Suite("Operators on the CPU")
struct OperatorTests {
  let backend: CPUBackend

  init() throws { backend = try CPUBackend(threads: 1) }

  @Test("a linear map is input × weightᵀ + bias, then its epilogue", arguments: [Epilogue.none, .relu, .accumulate])
  func linear(epilogue: Epilogue) throws {
    var random = SplitMix64(seed: 1)
    let (rows, inputs, outputs) = (5, 48, 33)
    let (x, weight, bias) = (random.floats(rows * inputs), random.floats(outputs * inputs), random.floats(outputs))
    let before = random.floats(rows * outputs)
    let output = Matrix(before, columns: outputs)
    let map = try backend.makeLinear("map", inputs: inputs, outputs: outputs, bias: bias) { weight }
    try backend.linear(activation(x, inputs, backend), map, epilogue, into: output)
    for i in 0..<rows {
      for j in 0..<outputs {
        var expected = bias[j]
        for k in 0..<inputs { expected += x[i * inputs + k] * weight[j * inputs + k] }
        if epilogue == .relu { expected = max(expected, 0) }
        if epilogue == .accumulate { expected += before[i * outputs + j] }
        #expect(abs(output.row(i)[j] - expected) < 1e-4)
      }
    }
  }

  @Test(
    "a row of a linear map has the same bits whatever the batch, its place and its neighbours, and the threads",
    arguments: CPUBackend.precisions)
  func linearIsBatchInvariant(precision: Precision) throws {
    var random = SplitMix64(seed: 2)
    for (inputs, outputs) in [(256, 768), (256, 1024), (1024, 256), (256, 5200), (32, 96), (36, 50), (33, 20)] {
      let (weight, bias) = (random.floats(inputs * outputs), random.floats(outputs))
      let row = random.floats(inputs)
      var alone: [Float]?
      for threads in [1, 2] {
        let backend = try CPUBackend(precision: precision, threads: threads)
        let map = try backend.makeLinear("map", inputs: inputs, outputs: outputs, bias: bias) { weight }
        for rows in [1, 2, 3, 7, 16, 17, 31, 64, 100, 129, 257, 300] {
          let place = Int.random(in: 0..<rows, using: &random)
          var values = random.floats(rows * inputs)
          values.replaceSubrange(place * inputs..<(place + 1) * inputs, with: row)
          let output = Matrix<Float>(columns: outputs)
          try backend.linear(activation(values, inputs, backend), map, .none, into: output)
          let result = output.values(ofRow: place)
          #expect(result == alone ?? result, "\(rows) rows of \(inputs) -> \(outputs), \(threads) threads")
          alone = result
        }
      }
    }
  }

  @Test(
    "a product of lower precision is near the float32 one",
    arguments: [Precision.bf16: Float(0.01), .int8: 0.02].filter { CPUBackend.precisions.contains($0.key) })
  func lowerPrecision(precision: Precision, tolerance: Float) throws {
    var random = SplitMix64(seed: 7)
    let (rows, inputs, outputs) = (20, 200, 70)
    let (x, weight, bias) = (random.floats(rows * inputs), random.floats(outputs * inputs), random.floats(outputs))
    var results: [[Float]] = []
    for precision in [Precision.fp32, precision] {
      let backend = try CPUBackend(precision: precision, threads: 1)
      let map = try backend.makeLinear("map", inputs: inputs, outputs: outputs, bias: bias) { weight }
      let output = Matrix<Float>(columns: outputs)
      try backend.linear(activation(x, inputs, backend), map, .none, into: output)
      // Through a ReLU and another map, as a feed-forward layer does.
      let inner = backend.makeActivation(columns: outputs)
      try backend.linearReLU(activation(x, inputs, backend), map, into: inner)
      let back = try backend.makeLinear("back", inputs: outputs, outputs: inputs, bias: nil) { weight }
      let final = Matrix<Float>(columns: inputs)
      try backend.linear(inner, back, .none, into: final)
      results.append((0..<rows).flatMap { output.values(ofRow: $0) + final.values(ofRow: $0) })
    }
    let scale = results[0].map(abs).max() ?? 1
    let worst = zip(results[0], results[1]).map { abs($0 - $1) }.max() ?? 1
    #expect(worst / scale < tolerance)
    #expect(worst > 0)
  }

  @Test("a linear map refuses inputs and weights of the wrong width")
  func linearShapes() throws {
    #expect(throws: TensorError.self) {
      try backend.makeLinear("map", inputs: 2, outputs: 2, bias: nil) { [1, 2, 3] }
    }
    #expect(throws: TensorError.self) {
      try backend.makeLinear("map", inputs: 2, outputs: 2, bias: [1]) { [1, 2, 3, 4] }
    }
    let map = try backend.makeLinear("map", inputs: 2, outputs: 2, bias: nil) { [1, 0, 0, 1] }
    #expect(throws: TensorError.self) {
      try backend.linear(activation([1, 2, 3], 3, backend), map, .none, into: Matrix(columns: 2))
    }
  }

  @Test("LayerNorm gives mean 0 and variance 1 before scale and offset")
  func layerNorm() {
    var random = SplitMix64(seed: 3)
    let width = 40
    let output = Matrix<Float>(columns: width)
    let norm = LayerNorm(weight: .init(repeating: 2, count: width), bias: .init(repeating: 5, count: width), epsilon: 0)
    backend.layerNorm(Matrix(random.floats(3 * width, -10...10), columns: width), norm, into: output)
    for i in 0..<3 {
      let row = output.values(ofRow: i).map { ($0 - 5) / 2 }
      #expect(abs(row.reduce(0, +) / Float(width)) < 1e-5)
      #expect(abs(row.map { $0 * $0 }.reduce(0, +) / Float(width) - 1) < 1e-4)
    }
  }

  @Test("attention over ragged rows is softmax(q·k / √d) v within each sequence")
  func attention() {
    var random = SplitMix64(seed: 4)
    let (heads, width) = (2, 24)
    let offsets = [0, 3, 4, 9]
    let values = random.floats(9 * 3 * width)
    let output = Matrix<Float>(columns: width)
    attend(values, offsets: offsets, heads: heads, into: output)
    let at = { (row: Int, column: Int) in Double(values[row * 3 * width + column]) }
    for (start, end) in zip(offsets, offsets.dropFirst()) {
      for i in start..<end {
        for c in 0..<width {
          let head = c / (width / heads) * (width / heads)
          let scores = (start..<end).map { j in
            exp((0..<width / heads).reduce(0) { $0 + at(i, head + $1) * at(j, width + head + $1) } / sqrt(12))
          }
          let expected =
            zip(start..<end, scores).reduce(0) { $0 + $1.1 * at($1.0, 2 * width + c) } / scores.reduce(0, +)
          #expect(abs(Double(output.row(i)[c]) - expected) < 1e-5)
        }
      }
    }
  }

  @Test("cached steps of one hypothesis equal causal attention, and beams share their prefix")
  func attentionStep() {
    var random = SplitMix64(seed: 5)
    let (heads, width) = (2, 24)
    let cache = backend.makeCache(layers: 1, width: width)
    let tokens = (0..<40).map { _ in random.floats(3 * width) }
    let full = Matrix<Float>(columns: width)
    var path: [Int32] = []
    for (t, token) in tokens.enumerated() {
      path.append(cache.allocateSlot())
      let step = step([token], [CachedRow(cache: cache, path: path)], heads: heads)
      attend(tokens[...t].flatMap { $0 }, offsets: [0, t + 1], heads: heads, into: full)
      #expect(distance(step[0], full.values(ofRow: t)) < 1e-5, "token \(t)")
    }
    // A second hypothesis that forks after ten tokens sees those ten and its own.
    let fork = Array(path[..<10]) + [cache.allocateSlot()]
    let forked = step([tokens[30]], [CachedRow(cache: cache, path: fork)], heads: heads)
    attend((tokens[..<10] + [tokens[30]]).flatMap { $0 }, offsets: [0, 11], heads: heads, into: full)
    #expect(distance(forked[0], full.values(ofRow: 10)) < 1e-5)
  }

  @Test("successive tokens fed in one step give the bits of one after the other")
  func attentionStepOfSeveralTokens() {
    var random = SplitMix64(seed: 8)
    let (heads, width) = (2, 24)
    let tokens = (0..<5).map { _ in random.floats(3 * width) }
    let (one, several) = (
      backend.makeCache(layers: 1, width: width), backend.makeCache(layers: 1, width: width)
    )
    var path: [Int32] = []
    let apart = tokens.map { token in
      path.append(one.allocateSlot())
      return step([token], [CachedRow(cache: one, path: path)], heads: heads)[0]
    }
    path = []
    let rows = tokens.map { _ in
      path.append(several.allocateSlot())
      return CachedRow(cache: several, path: path)
    }
    #expect(step(tokens, rows, heads: heads) == apart)
  }

  @Test("slots that no hypothesis names are taken again, the others keep their tokens")
  func freedSlots() {
    let cache = backend.makeCache(layers: 1, width: 2)
    let slots = (0..<20).map { _ in cache.allocateSlot() }
    cache.keepOnly([[slots[0], slots[1]], [slots[0], slots[7]]])
    let again = Set((0..<17).map { _ in cache.allocateSlot() })
    #expect(again == Set(slots).subtracting([slots[0], slots[1], slots[7]]))
    #expect(cache.allocateSlot() == 20)
  }

  @Test("scores give the log-sum-exp and the best tokens, ties by lower id")
  func scores() throws {
    // More than one panel of the projection.
    let vocabulary = 20_000
    var random = SplitMix64(seed: 6)
    var logits = random.floats(vocabulary, -30...30)
    logits[17_000] = 40
    logits[13] = 40
    let projection = try backend.makeProjection("table", vocabulary: vocabulary, width: 1) { Array(logits[$0]) }
    let query = ScoreQuery(top: 5, tokens: [2, vocabulary - 1], all: true)
    let scores = try backend.scores(activation([1], 1, backend), projection, queries: [query])[0]
    #expect(scores.all == logits)
    #expect(scores.logits == [logits[2], logits[vocabulary - 1]])
    let sorted = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    #expect(scores.top.map(\.token) == Array(sorted.prefix(5)))
    #expect(scores.top.prefix(2).map(\.token) == [13, 17_000])
    let exact = log(logits.reduce(0.0) { $0 + exp(Double($1)) })
    #expect(abs(Double(scores.logSumExp) - exact) < 1e-5)
  }

  @Test("the mean pool divides by length + 1e-7")
  func meanPool() {
    let output = Matrix<Float>(columns: 2)
    backend.meanPool(Matrix([1, 2, 3, 4, 10, 20], columns: 2), offsets: [0, 2, 3], into: output)
    #expect(output.rows == 2)
    let (two, one): (Float, Float) = (2 + 1e-7, 1 + 1e-7)
    let expected: [[Float]] = [[4 / two, 6 / two], [10 / one, 20 / one]]
    #expect(output.values(ofRow: 0) == expected[0])
    #expect(output.values(ofRow: 1) == expected[1])
  }

  private func activation(_ values: [Float], _ columns: Int, _ backend: CPUBackend) -> Activation {
    let activation = backend.makeActivation(columns: columns)
    backend.convert(Matrix(values, columns: columns), into: activation)
    return activation
  }

  private func attend(_ values: [Float], offsets: [Int], heads: Int, into output: Matrix<Float>) {
    let activation = backend.makeActivation(columns: output.columns)
    backend.attention(
      qkv: Matrix(values, columns: 3 * output.columns), offsets: offsets, heads: heads, into: activation)
    copy(activation, into: output)
  }

  private func step(_ tokens: [[Float]], _ rows: [CachedRow<KeyValueCache>], heads: Int) -> [[Float]] {
    let width = tokens[0].count / 3
    let (activation, output) = (backend.makeActivation(columns: width), Matrix<Float>(columns: width))
    backend.attentionStep(
      qkv: Matrix(tokens.flatMap { $0 }, columns: 3 * width), layer: 0, rows: rows, heads: heads, into: activation)
    copy(activation, into: output)
    return tokens.indices.map { output.values(ofRow: $0) }
  }

  /// A float32 activation's rows, read through the identity map.
  private func copy(_ activation: Activation, into output: Matrix<Float>) {
    let width = activation.columns
    let identity = (0..<width * width).map { Float($0 / width == $0 % width ? 1 : 0) }
    #expect(throws: Never.self) {
      let map = try backend.makeLinear("identity", inputs: width, outputs: width, bias: nil) { identity }
      try backend.linear(activation, map, .none, into: output)
    }
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? 0 }
}
