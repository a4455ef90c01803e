import CVectorKernels

/// How a file stores weights.
package enum WeightType: Sendable {
  case float32, float16, bfloat16

  /// In bytes.
  package var size: Int { self == .float32 ? 4 : 2 }

  /// The numbers that `bytes` hold, little-endian, as float32.
  package func widen(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    let count = bytes.count / size
    return [Float](unsafeUninitializedCapacity: count) { target, initialized in
      if let base = target.baseAddress { widen(bytes, into: base) }
      initialized = count
    }
  }

  func widen(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<Float>) {
    guard let base = bytes.baseAddress else { return }
    let count = bytes.count / size
    switch self {
    case .float32: UnsafeMutableRawPointer(target).copyMemory(from: base, byteCount: bytes.count)
    case .float16:
      sonarsweep_kernels().pointee.widen_float16(base.assumingMemoryBound(to: UInt16.self), count, target)
    case .bfloat16:
      for i in 0..<count {
        let bits = UInt32(bytes.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)) << 16
        target[i] = Float(bitPattern: bits)
      }
    }
  }
}
