/// Tokens that passed through a model, and the seconds they took.
public struct ModelWork: Hashable, Sendable {
  /// Language tokens and `</s>` included.
  public var encodedTokens: UInt64
  public var encodeSeconds: Double
  /// Over all sequences in flight, those of hypotheses that were given up included.
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
}
