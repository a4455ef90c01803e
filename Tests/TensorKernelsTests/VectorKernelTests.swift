import CVectorKernels
import Foundation
import TestSupport
import Testing

/// The kernels are compiled once per instruction set; all that this processor has are tested, not just the best.
@Suite("Row kernels in every instruction set")
struct VectorKernelTests {
  static let levels = (0...2).filter { sonarsweep_kernels_at(Int32($0)) != nil }
  /// Whole lanes, less than one, and a rest.
  static let counts = [1, 5, 16, 33, 256, 1000]

  @Test("LayerNorm", arguments: levels, counts)
  func layerNorm(level: Int, count: Int) throws {
    var random = SplitMix64(seed: 1)
    let (x, weight, bias) = (random.floats(count, -3...7), random.floats(count), random.floats(count))
    var y = [Float](repeating: 0, count: count)
    try kernels(level).layer_norm(x, weight, bias, 1e-5, count, &y)
    let mean = x.reduce(0.0) { $0 + Double($1) } / Double(count)
    let variance = x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
    for i in 0..<count {
      let expected = (Double(x[i]) - mean) / (variance + 1e-5).squareRoot() * Double(weight[i]) + Double(bias[i])
      #expect(abs(Double(y[i]) - expected) < 1e-4)
    }
  }

  @Test("bfloat16 is the nearest, ties to even, and NaN stays NaN", arguments: levels)
  func bfloat16(level: Int) throws {
    var random = SplitMix64(seed: 2)
    let special: [Float] = [
      0, -0.0, 1, .infinity, -.infinity, .nan, Float(bitPattern: 0x3F80_8000), Float(bitPattern: 0x3F81_8000),
      Float(bitPattern: 0x7F80_0001), .greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]
    let x = special + random.floats(90, -1e3...1e3)
    var y = [UInt16](repeating: 0, count: x.count)
    try kernels(level).to_bfloat16(x, x.count, &y)
    for (value, half) in zip(x, y) {
      let rounded = Float(bitPattern: UInt32(half) << 16)
      if value.isNaN {
        #expect(rounded.isNaN)
        continue
      }
      // Halfway between two neighbours the even one wins; the addition carries into the exponent as it should.
      let bits = value.bitPattern
      #expect(half == UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16), "\(value)")
    }
  }

  @Test("every binary16 number is widened exactly", arguments: levels)
  func float16(level: Int) throws {
    let x = (0...UInt16.max).map { $0 }
    var y = [Float](repeating: 0, count: x.count)
    try kernels(level).widen_float16(x, x.count, &y)
    for (half, value) in zip(x, y) {
      let expected = Float(Float16(bitPattern: half))
      #expect(expected.isNaN ? value.isNaN : value.bitPattern == expected.bitPattern, "\(half)")
    }
  }

  @Test("8-bit rows are scaled to 127 and back", arguments: levels, counts)
  func quantize(level: Int, count: Int) throws {
    var random = SplitMix64(seed: 3)
    let kernels = try kernels(level)
    let x = random.floats(count, -5...5)
    var y = [Int8](repeating: 0, count: count)
    let scale = kernels.quantize(x, count, &y)
    #expect(abs(scale - (x.map(abs).max() ?? 0) / 127) < 1e-9)
    #expect(y.map { abs(Int($0)) }.max() == 127)
    for i in 0..<count { #expect(abs(Float(y[i]) * scale - x[i]) <= scale * 0.5001) }
    #expect(kernels.quantize([Float](repeating: 0, count: count), count, &y) == 0)
    #expect(y == [Int8](repeating: 0, count: count))
  }

  @Test("integer sums are scaled, biased, and stored, rectified or added", arguments: levels, counts)
  func dequantize(level: Int, count: Int) throws {
    var random = SplitMix64(seed: 4)
    let kernels = try kernels(level)
    let sums = (0..<count).map { _ in Int32.random(in: -100_000...100_000, using: &random) }
    let (scales, bias, before) = (random.floats(count, 0...1), random.floats(count), random.floats(count))
    for (mode, hasBias) in [
      (SonarsweepDequantizeStore, false), (SonarsweepDequantizeStore, true), (SonarsweepDequantizeReLU, true),
      (SonarsweepDequantizeAdd, true),
    ] {
      var y = before
      kernels.dequantize(sums, 1e-3, scales, hasBias ? bias : nil, mode, count, &y)
      for i in 0..<count {
        var expected = Double(sums[i]) * 1e-3 * Double(scales[i]) + (hasBias ? Double(bias[i]) : 0)
        if mode == SonarsweepDequantizeReLU { expected = max(expected, 0) }
        if mode == SonarsweepDequantizeAdd { expected += Double(before[i]) }
        #expect(abs(Double(y[i]) - expected) < 1e-4)
      }
    }
  }

  @Test("the largest value, Σ exp, and the first value above a threshold", arguments: levels, counts)
  func reductions(level: Int, count: Int) throws {
    var random = SplitMix64(seed: 5)
    let kernels = try kernels(level)
    let x = random.floats(count, -90...5)
    let largest = x.max() ?? 0
    #expect(kernels.maximum(x, count) == largest)
    let exact = x.reduce(0.0) { $0 + exp(Double($1 - largest)) }
    #expect(abs(Double(kernels.sum_exp(x, largest, count)) / exact - 1) < 1e-5)
    for threshold in [-91, -10, 0, Float(6)] {
      for start in [0, count / 2, count] {
        let expected = (start..<count).first { x[$0] > threshold } ?? count
        #expect(kernels.first_above(x, threshold, start, count) == expected)
      }
    }
  }

  @Test("attention, whole and step by step, with caches of float32 and bfloat16", arguments: levels, [1, 3, 4, 18, 70])
  func attention(level: Int, length: Int) throws {
    var random = SplitMix64(seed: 6)
    let kernels = try kernels(level)
    for (heads, headWidth) in [(2, 16), (3, 9), (1, 64)] {
      let width = heads * headWidth
      let qkv = random.floats(length * 3 * width)
      var scratch = [Float](repeating: 0, count: sonarsweep_attention_scratch(length, headWidth))
      var output = [Float](repeating: 0, count: length * width)
      kernels.attention(qkv, length, heads, headWidth, &scratch, &output)
      let expected = reference(qkv, length, heads, headWidth)
      for (ours, exact) in zip(output, expected) { #expect(abs(Double(ours) - exact) < 1e-5) }

      // The last token attends to all, itself last.
      let query = Array(qkv[((length - 1) * 3 * width)...].prefix(width))
      let last = Array(expected.suffix(width))
      let entries = (0..<length).map { Array(qkv[($0 * 3 * width + width)...].prefix(2 * width)) }
      for halves in [false, true] {
        let step = attend(kernels, query, entries, heads, headWidth, halves)
        for (ours, exact) in zip(step, last) { #expect(abs(Double(ours) - exact) < (halves ? 0.02 : 1e-5)) }
      }
    }
  }

  private func attend(
    _ kernels: SonarsweepKernels, _ query: [Float], _ entries: [[Float]], _ heads: Int, _ headWidth: Int, _ halves: Bool
  ) -> [Float] {
    let width = heads * headWidth
    var scratch = [Float](repeating: 0, count: sonarsweep_attention_scratch(entries.count, 1))
    var output = [Float](repeating: 0, count: width)
    let stride = 2 * width * (halves ? 2 : 4)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: stride * entries.count, alignment: 64)
    defer { memory.deallocate() }
    for (t, entry) in entries.enumerated() {
      let address = memory + t * stride
      if halves {
        kernels.to_bfloat16(entry, entry.count, address.assumingMemoryBound(to: UInt16.self))
      } else {
        address.assumingMemoryBound(to: Float.self).update(from: entry, count: entry.count)
      }
    }
    let pointers = entries.indices.map { UnsafeRawPointer(memory + $0 * stride) }
    kernels.attention_step(query, pointers, entries.count, heads, headWidth, halves ? 1 : 0, &scratch, &output)
    return output
  }

  /// softmax(q·k / √width) v of every head, in double precision.
  private func reference(_ qkv: [Float], _ length: Int, _ heads: Int, _ headWidth: Int) -> [Double] {
    let width = heads * headWidth
    let at = { (row: Int, column: Int) in Double(qkv[row * 3 * width + column]) }
    return (0..<length).flatMap { i in
      (0..<width).map { column in
        let head = column / headWidth * headWidth
        let weights = (0..<length).map { j in
          exp(
            (0..<headWidth).reduce(0) { $0 + at(i, head + $1) * at(j, width + head + $1) }
              / Double(headWidth).squareRoot())
        }
        return (0..<length).reduce(0) { $0 + weights[$1] * at($1, 2 * width + column) } / weights.reduce(0, +)
      }
    }
  }

  private func kernels(_ level: Int) throws -> SonarsweepKernels {
    try #require(sonarsweep_kernels_at(Int32(level))).pointee
  }
}
