import Foundation

/// Small float32 kernels over contiguous memory. Their order of summation is fixed, so results do not depend on the
/// batch a row is in.
enum VectorMath {
  typealias Lanes = SIMD16<Float>
  static let lanes = Lanes.scalarCount

  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: Lanes.self)
  }

  @inline(__always)
  static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var sum = Lanes.zero
    var i = 0
    while i + lanes <= count {
      sum += load(a + i) * load(b + i)
      i += lanes
    }
    var result = sum.sum()
    while i < count {
      result += a[i] * b[i]
      i += 1
    }
    return result
  }

  /// `y += a * x`
  @inline(__always)
  static func addScaled(_ a: Float, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ count: Int) {
    var i = 0
    while i + lanes <= count {
      store(load(y + i) + load(x + i) * a, y + i)
      i += lanes
    }
    while i < count {
      y[i] += a * x[i]
      i += 1
    }
  }

  static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var sum = Lanes.zero
    var i = 0
    while i + lanes <= count {
      sum += load(x + i)
      i += lanes
    }
    var result = sum.sum()
    while i < count {
      result += x[i]
      i += 1
    }
    return result
  }

  static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var best = Lanes(repeating: -.infinity)
    var i = 0
    while i + lanes <= count {
      let chunk = load(x + i)
      best.replace(with: chunk, where: chunk .> best)
      i += lanes
    }
    var result = best.max()
    while i < count {
      result = max(result, x[i])
      i += 1
    }
    return result
  }

  /// e^x for x ≤ 0 (and modestly above), to about 2 units in the last place; below -87 it is 0.
  ///
  /// x = n ln 2 + r with |r| ≤ ln 2 / 2, a polynomial for e^r (coefficients: Cephes `expf`), and 2^n by its bits.
  @inline(__always)
  static func exp(_ x: Lanes) -> Lanes {
    let rounder: Float = 12_582_912  // 1.5 × 2^23: adding and subtracting it rounds to the nearest integer
    let n = (x * 1.442_695_04 + rounder) - rounder
    let r = (x - n * 0.693_359_375) + n * 2.121_944_4e-4
    var p = Lanes(repeating: 1.987_569_15e-4)
    p = p * r + 1.398_199_95e-3
    p = p * r + 8.333_451_9e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 1.666_666_55e-1
    p = p * r + 0.5
    p = p * r * r + r + 1
    // The rounded n still stands in the low bits of n + rounder, so no conversion instruction is needed.
    let bits = unsafeBitCast(n + rounder, to: SIMD16<Int32>.self) &- 0x4B40_0000
    let power = unsafeBitCast((bits &+ 127) &<< 23, to: Lanes.self)
    return (p * power).replacing(with: 0, where: x .< -87)
  }

  /// Replaces x by e^(x - shift) and returns the sum.
  static func expSum(_ x: UnsafeMutablePointer<Float>, _ count: Int, shift: Float) -> Float {
    var sum = Lanes.zero
    var i = 0
    while i + lanes <= count {
      let value = exp(load(x + i) - shift)
      store(value, x + i)
      sum += value
      i += lanes
    }
    if i < count {
      var tail = Lanes(repeating: -.infinity)
      for j in i..<count { tail[j - i] = x[j] - shift }
      let value = exp(tail)
      for j in i..<count { x[j] = value[j - i] }
      sum += value
    }
    return sum.sum()
  }

  /// Replaces x by its softmax.
  static func softmax(_ x: UnsafeMutablePointer<Float>, _ count: Int) {
    let total = expSum(x, count, shift: maximum(x, count))
    let scale = 1 / total
    for i in 0..<count { x[i] *= scale }
  }

  /// log Σ e^x, leaving x as it is.
  static func logSumExp(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    let shift = maximum(x, count)
    var sum = Lanes.zero
    var i = 0
    while i + lanes <= count {
      sum += exp(load(x + i) - shift)
      i += lanes
    }
    if i < count {
      var tail = Lanes(repeating: -88)
      for j in i..<count { tail[j - i] = max(x[j] - shift, -88) }
      sum += exp(tail)
    }
    return shift + logf(sum.sum())
  }
}
