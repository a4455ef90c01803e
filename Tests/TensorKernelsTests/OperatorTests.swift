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
    let map = try backend.makeLinear(weight: weight, bias: bias, inputs: inputs, outputs: outputs)
    try backend.linear(Matrix(x, columns: inputs), map, epilogue, into: output)
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

  @Test("a row of a linear map has the same bits whatever the batch, its place in it and its neighbours")
  func linearIsBatchInvariant() throws {
    var random = SplitMix64(seed: 2)
    for (inputs, outputs) in [(256, 768), (256, 1024), (1024, 256), (256, 5200), (32, 96)] {
      let map = try backend.makeLinear(
        weight: random.floats(inputs * outputs), bias: random.floats(outputs), inputs: inputs, outputs: outputs)
      let row = random.floats(inputs)
      let alone = Matrix(columns: outputs)
      try backend.linear(Matrix(row, columns: inputs), map, .none, into: alone)
      for rows in [2, 3, 7, 16, 17, 31, 64, 100, 129, 300] {
        let place = Int.random(in: 0..<rows, using: &random)
        var values = random.floats(rows * inputs)
        values.replaceSubrange(place * inputs..<(place + 1) * inputs, with: row)
        let output = Matrix(columns: outputs)
        try backend.linear(Matrix(values, columns: inputs), map, .none, into: output)
        #expect(output.values(ofRow: place) == alone.values(ofRow: 0), "\(rows) rows of \(inputs) -> \(outputs)")
      }
    }
  }

  @Test("a linear map refuses inputs and weights of the wrong width")
  func linearShapes() throws {
    #expect(throws: TensorError.self) { try backend.makeLinear(weight: [1, 2, 3], bias: nil, inputs: 2, outputs: 2) }
    let map = try backend.makeLinear(weight: [1, 0, 0, 1], bias: nil, inputs: 2, outputs: 2)
    #expect(throws: TensorError.self) {
      try backend.linear(Matrix([1, 2, 3], columns: 3), map, .none, into: Matrix(columns: 2))
    }
  }

  @Test("LayerNorm gives mean 0 and variance 1 before scale and offset")
  func layerNorm() {
    var random = SplitMix64(seed: 3)
    let width = 40
    let output = Matrix(columns: width)
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
    let output = Matrix(columns: width)
    backend.attention(qkv: Matrix(values, columns: 3 * width), offsets: offsets, heads: heads, into: output)
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
    var path: [Int32] = []
    for (t, token) in tokens.enumerated() {
      path.append(cache.allocateSlot())
      let step = Matrix(columns: width)
      backend.attentionStep(
        qkv: Matrix(token, columns: 3 * width), layer: 0, rows: [CachedRow(cache: cache, path: path)], heads: heads,
        into: step)
      let full = Matrix(columns: width)
      backend.attention(
        qkv: Matrix(tokens[...t].flatMap { $0 }, columns: 3 * width), offsets: [0, t + 1], heads: heads, into: full)
      #expect(step.values(ofRow: 0) == full.values(ofRow: t), "token \(t)")
    }
    // A second hypothesis that forks after ten tokens sees those ten and its own.
    let fork = Array(path[..<10]) + [cache.allocateSlot()]
    let step = Matrix(columns: width)
    backend.attentionStep(
      qkv: Matrix(tokens[30], columns: 3 * width), layer: 0, rows: [CachedRow(cache: cache, path: fork)], heads: heads,
      into: step)
    let full = Matrix(columns: width)
    backend.attention(
      qkv: Matrix((tokens[..<10] + [tokens[30]]).flatMap { $0 }, columns: 3 * width), offsets: [0, 11], heads: heads,
      into: full)
    #expect(step.values(ofRow: 0) == full.values(ofRow: 10))
  }

  @Test("scores give the log-sum-exp and the best tokens, ties by lower id")
  func scores() throws {
    let vocabulary = 1000
    var random = SplitMix64(seed: 6)
    var logits = random.floats(vocabulary, -30...30)
    logits[700] = 40
    logits[13] = 40
    let projection = try backend.makeLinear(weight: logits, bias: nil, inputs: 1, outputs: vocabulary)
    let query = ScoreQuery(top: 5, tokens: [2, 999], all: true)
    let scores = try backend.scores(Matrix([1], columns: 1), projection: projection, queries: [query])[0]
    #expect(scores.all == logits)
    #expect(scores.logits == [logits[2], logits[999]])
    let sorted = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    #expect(scores.top.map(\.token) == Array(sorted.prefix(5)))
    #expect(scores.top.prefix(2).map(\.token) == [13, 700])
    let exact = log(logits.reduce(0.0) { $0 + exp(Double($1)) })
    #expect(abs(Double(scores.logSumExp) - exact) < 1e-5)
  }

  @Test("the mean pool divides by length + 1e-7")
  func meanPool() {
    let output = Matrix(columns: 2)
    backend.meanPool(Matrix([1, 2, 3, 4, 10, 20], columns: 2), offsets: [0, 2, 3], into: output)
    #expect(output.rows == 2)
    let (two, one): (Float, Float) = (2 + 1e-7, 1 + 1e-7)
    let expected: [[Float]] = [[4 / two, 6 / two], [10 / one, 20 / one]]
    #expect(output.values(ofRow: 0) == expected[0])
    #expect(output.values(ofRow: 1) == expected[1])
  }
}
