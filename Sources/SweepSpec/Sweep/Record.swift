import SonarModel

/// The result of one unit.
public struct Record: Hashable, Sendable {
  public enum Outcome: Hashable, Sendable {
    /// The embedding, [dim], and one decode per request of the job, in its order.
    case done(embedding: [Float], decodes: [DecodedText])
    case failed(UnitError)
    /// The combination of coordinates does not exist.
    case skipped
  }

  public let unit: UnitIndex
  public let outcome: Outcome
  /// How many times the unit had been leased when this record was made, 1 at the first.
  public let attempt: Int
  /// How long the worker was busy with the unit, its share of a batch.
  public let seconds: Double

  public init(unit: UnitIndex, outcome: Outcome, attempt: Int = 1, seconds: Double) {
    self.unit = unit
    self.outcome = outcome
    self.attempt = attempt
    self.seconds = seconds
  }

  /// Whether it says that the unit was given up.
  public var isQuarantine: Bool {
    if case .failed(let error) = outcome { error.code == UnitError.quarantined } else { false }
  }

  public var status: UnitStatus {
    switch outcome {
    case .done: .done
    case .failed: .failed
    case .skipped: .skipped
    }
  }
}

/// What decoding an embedding into one language gave.
public struct DecodedText: Hashable, Sendable {
  public let language: LanguageCode
  /// Without the two prompt tokens, with `</s>` where it was generated.
  public let ids: [TokenID]
  public let text: String
  /// Natural logarithm, summed over `ids`.
  public let logProbability: Float
  /// Beam search's length-normalised score of the best hypothesis; nil for greedy decoding.
  public let score: Float?
  /// Whether the ids are exactly the expected ones; nil where nothing is expected.
  public let exactMatch: Bool?

  public init(
    language: LanguageCode, ids: [TokenID], text: String, logProbability: Float, score: Float?, exactMatch: Bool?
  ) {
    self.language = language
    self.ids = ids
    self.text = text
    self.logProbability = logProbability
    self.score = score
    self.exactMatch = exactMatch
  }
}

/// Why a unit has no embedding.
public struct UnitError: Error, Hashable, Sendable {
  /// The code of a unit that was given up because workers died, or hung, of it.
  public static let quarantined = "quarantined"

  /// A short word for the kind of failure, such as `too-long`.
  public let code: String
  public let message: String

  public init(code: String, message: String) {
    self.code = code
    self.message = message
  }
}
