/// Philox4x32-10: random bits as a pure function of a key and a counter, so that any one of them can be had without those
/// before it. Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public struct Philox: Sendable {
  public typealias Block = (UInt32, UInt32, UInt32, UInt32)

  private let key: (UInt32, UInt32)

  /// - Parameter seed: the key: its low half, then its high half.
  public init(seed: UInt64) { key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)) }

  /// The 128 random bits of a counter.
  public func block(_ counter: Block) -> Block {
    var (x, k) = (counter, key)
    for round in 0..<10 {
      if round > 0 { k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85) }
      let (a, b) = (x.0.multipliedFullWidth(by: 0xD251_1F53), x.2.multipliedFullWidth(by: 0xCD9E_8D57))
      x = (b.high ^ x.1 ^ k.0, b.low, a.high ^ x.3 ^ k.1, a.low)
    }
    return x
  }

  /// Two random words of 64 bits: the block's first two values, then its last two, each low half first.
  public func words(_ counter: Block) -> (UInt64, UInt64) {
    let x = block(counter)
    return (UInt64(x.1) << 32 | UInt64(x.0), UInt64(x.3) << 32 | UInt64(x.2))
  }

  /// The middle of one of 2^52 equal parts of 0...1, each of which a Double holds exactly: never 0, never 1.
  public static func uniform(_ word: UInt64) -> Double { (Double(word >> 12) + 0.5) * 0x1p-52 }
}
