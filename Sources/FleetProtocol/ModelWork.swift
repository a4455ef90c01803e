/// Tokens that passed through a worker's model, and the seconds they took.
///
/// Units of several leases are encoded and decoded together, so what the model does is not any one lease's. A `computed`
/// message therefore tells of all that the model did since the `computed` before, whichever leases it was for, those that
/// were revoked meanwhile included: every token is counted once, and tokens over seconds is the model's true rate.
public struct ModelWork: Hashable, Sendable {
  /// Language tokens and `</s>` included; sequences whose embeddings were remembered do not count.
  public var encodedTokens: UInt64
  public var encodeSeconds: Double
  /// Written, `</s>` included, over all sequences in flight, those of hypotheses that were given up included.
  public var decodedTokens: UInt64
  public var decodeSeconds: Double

  public init(
    encodedTokens: UInt64 = 0, encodeSeconds: Double = 0, decodedTokens: UInt64 = 0, decodeSeconds: Double = 0
  ) {
    self.encodedTokens = encodedTokens
    self.encodeSeconds = encodeSeconds
    self.decodedTokens = decodedTokens
    self.decodeSeconds = decodeSeconds
  }

  public static func += (a: inout Self, b: Self) {
    a.encodedTokens += b.encodedTokens
    a.encodeSeconds += b.encodeSeconds
    a.decodedTokens += b.decodedTokens
    a.decodeSeconds += b.decodeSeconds
  }

  /// What came to `b` since it was `a`.
  public static func - (b: Self, a: Self) -> Self {
    Self(
      encodedTokens: b.encodedTokens - a.encodedTokens, encodeSeconds: b.encodeSeconds - a.encodeSeconds,
      decodedTokens: b.decodedTokens - a.decodedTokens, decodeSeconds: b.decodeSeconds - a.decodeSeconds)
  }
}
