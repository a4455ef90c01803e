/// Bounds on an incoming message, checked by walking its bytes before they are decoded.
///
/// A MessagePack header of five bytes may claim four billion entries; a decoder that believes it allocates for them.
public struct MessagePackLimits: Sendable {
  public var depth: Int
  /// All values in the message, nested ones included.
  public var values: Int

  public init(depth: Int = 16, values: Int = 1 << 20) {
    self.depth = depth
    self.values = values
  }

  /// Throws unless `bytes` is exactly one well-formed value within the limits.
  func check(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { raw in
      var walker = Walker(bytes: raw, remaining: values)
      try walker.value(depth: depth)
      guard walker.offset == raw.count else { throw MessagingError(.malformed, "bytes follow the message") }
    }
  }

  private struct Walker {
    let bytes: UnsafeRawBufferPointer
    var remaining: Int
    var offset = 0

    mutating func value(depth: Int) throws {
      guard depth > 0 else { throw MessagingError(.malformed, "values are nested too deeply") }
      guard remaining > 0 else { throw MessagingError(.malformed, "the message has too many values") }
      remaining -= 1
      let type = try byte()
      switch type {
      case 0x00...0x7f, 0xe0...0xff, 0xc0, 0xc2, 0xc3: break
      case 0x80...0x8f: try values(2 * Int(type & 0x0f), depth: depth)
      case 0x90...0x9f: try values(Int(type & 0x0f), depth: depth)
      case 0xa0...0xbf: try skip(Int(type & 0x1f))
      case 0xc4, 0xd9: try skip(length(bytes: 1))
      case 0xc5, 0xda: try skip(length(bytes: 2))
      case 0xc6, 0xdb: try skip(length(bytes: 4))
      case 0xcc, 0xd0: try skip(1)
      case 0xcd, 0xd1: try skip(2)
      case 0xca, 0xce, 0xd2: try skip(4)
      case 0xcb, 0xcf, 0xd3: try skip(8)
      case 0xdc: try values(length(bytes: 2), depth: depth)
      case 0xdd: try values(length(bytes: 4), depth: depth)
      case 0xde: try values(2 * length(bytes: 2), depth: depth)
      case 0xdf: try values(2 * length(bytes: 4), depth: depth)
      default: throw MessagingError(.malformed, "extension types are not used")
      }
    }

    private mutating func values(_ count: Int, depth: Int) throws {
      // Every value takes at least a byte.
      guard count <= bytes.count - offset, count <= remaining else {
        throw MessagingError(.malformed, "the message claims \(count) values, more than it holds or may hold")
      }
      for _ in 0..<count { try value(depth: depth - 1) }
    }

    private mutating func byte() throws -> UInt8 {
      try skip(1)
      return bytes[offset - 1]
    }

    private mutating func length(bytes count: Int) throws -> Int {
      try skip(count)
      return (offset - count..<offset).reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }

    private mutating func skip(_ count: Int) throws {
      guard count <= bytes.count - offset else { throw MessagingError(.malformed, "the message is cut short") }
      offset += count
    }
  }
}
