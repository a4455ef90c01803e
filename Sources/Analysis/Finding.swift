/// A measured answer with its n and its uncertainty.
public struct Finding: Hashable, Sendable, Codable {
  /// Where the value would lie: `high` and `low` bound it with 95% confidence, by `method`.
  public struct Interval: Hashable, Sendable, Codable {
    public let low: Double
    public let high: Double
    /// `wilson`, `bootstrap`, `exact` ...
    public let method: String

    public init(low: Double, high: Double, method: String) {
      self.low = low
      self.high = high
      self.method = method
    }
  }

  /// In words: "Does decoding give the expected tokens?"
  public let question: String
  /// A short fixed word a claim can name: `exact_match_rate`, `explained_variance`.
  public let measure: String
  /// What the value is of, by axis or other name: `["filler": "_", "component": "1"]`; empty for the whole run.
  public let labels: [String: String]
  public let value: Double
  public let interval: Interval?
  /// Of a permutation test, where there is one.
  public let pValue: Double?
  /// How many independent things it was measured on.
  public let n: Int

  public init(
    question: String, measure: String, labels: [String: String] = [:], value: Double, interval: Interval? = nil,
    pValue: Double? = nil, n: Int
  ) {
    self.question = question
    self.measure = measure
    self.labels = labels
    self.value = value
    self.interval = interval
    self.pValue = pValue
    self.n = n
  }
}
