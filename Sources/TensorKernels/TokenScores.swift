/// What a decoding search wants to know of one row of logits.
public struct ScoreQuery: Sendable {
  /// How many of the best tokens, best first (ties: lower id first).
  public var top: Int
  /// Tokens whose logits are wanted whatever their rank.
  public var tokens: [Int]
  /// All logits of the row.
  public var all: Bool

  public init(top: Int, tokens: [Int] = [], all: Bool = false) {
    self.top = top
    self.tokens = tokens
    self.all = all
  }
}

/// The answer to a `ScoreQuery`.
public struct TokenScores: Sendable {
  public struct Candidate: Sendable {
    public let token: Int
    public let logit: Float

    public init(token: Int, logit: Float) {
      self.token = token
      self.logit = logit
    }
  }

  /// The natural logarithm of the sum of exp(logit): a token's log-probability is its logit minus this.
  public let logSumExp: Float
  public let top: [Candidate]
  /// In the order of `ScoreQuery.tokens`.
  public let logits: [Float]
  /// All logits where `ScoreQuery.all`, else empty.
  public let all: [Float]

  public init(logSumExp: Float, top: [Candidate], logits: [Float], all: [Float] = []) {
    self.logSumExp = logSumExp
    self.top = top
    self.logits = logits
    self.all = all
  }
}
