/// How a file stores weights.
package enum WeightType: Sendable {
  case float32, float16, bfloat16

  /// In bytes.
  package var size: Int { self == .float32 ? 4 : 2 }

  /// The numbers that `bytes` hold, little-endian, as float32.
  package func widen(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    let count = bytes.count / size
    return [Float](unsafeUninitializedCapacity: count) { target, initialized in
      switch self {
      case .float32: UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
      case .float16, .bfloat16: for i in 0..<count { target[i] = value(at: i, of: bytes) }
      }
      initialized = count
    }
  }

  @inline(__always)
  func value(at index: Int, of bytes: UnsafeRawBufferPointer) -> Float {
    switch self {
    case .float32: bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
    case .float16: Float(bytes.loadUnaligned(fromByteOffset: 2 * index, as: Float16.self))
    case .bfloat16:
      Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)) << 16)
    }
  }
}
