/// What a person presses.
public enum Key: Hashable, Sendable {
  case character(Character)
  case up, down, enter, escape, interrupt
}

/// Reads keys from the bytes of a terminal in raw mode.
public struct KeyDecoder: Sendable {
  private var pending: [UInt8] = []

  public init() {}

  public mutating func feed(_ bytes: some Sequence<UInt8>) -> [Key] {
    pending += bytes
    var keys: [Key] = []
    while let first = pending.first {
      if first == 0x1B {
        guard let (key, length) = escapeSequence() else { break }
        pending.removeFirst(length)
        if let key { keys.append(key) }
      } else {
        pending.removeFirst()
        switch first {
        case 0x03: keys.append(.interrupt)
        case 0x0A, 0x0D: keys.append(.enter)
        case 0x20..<0x7F: keys.append(.character(Character(Unicode.Scalar(first))))
        default: break
        }
      }
    }
    return keys
  }

  /// What stands there once no more bytes come at once: an escape by itself.
  public mutating func flush() -> [Key] {
    defer { pending = [] }
    return pending.first == 0x1B ? [.escape] : []
  }

  /// The key and its bytes; nil where more must come. An unknown sequence is no key.
  private func escapeSequence() -> (Key?, Int)? {
    guard pending.count >= 2 else { return nil }
    guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else { return (.escape, 1) }
    guard let end = pending.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else { return nil }
    switch pending[end] {
    case UInt8(ascii: "A"): return (.up, end + 1)
    case UInt8(ascii: "B"): return (.down, end + 1)
    default: return (nil, end + 1)
    }
  }
}
