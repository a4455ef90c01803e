import SonarModel

/// The result of one unit.
public struct Record: Hashable, Sendable {
  public enum Outcome: Hashable, Sendable {
    /// The embedding, [dim], the states the sweep's kind asks for, each [dim], and one decode per request of the job,
    /// each in their order.
    case done(embedding: [Float], states: [[Float]] = [], decodes: [DecodedText])
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
  /// What an exact answer would have been, and how far off the decode is.
  public struct Expectation: Hashable, Sendable {
    public let text: String
    /// Tokens an exact decode has, `</s>` included.
    public let tokens: Int
    /// Tokens to insert, delete or replace to get from the decode to the exact one: the Levenshtein distance of their
    /// ids, both with `</s>`.
    public let errors: Int

    public init(text: String, tokens: Int, errors: Int) {
      self.text = text
      self.tokens = tokens
      self.errors = errors
    }
  }

  public let language: LanguageCode
  /// Without the two prompt tokens, with `</s>` where it was generated.
  public let ids: [TokenID]
  public let text: String
  /// Natural logarithm, summed over `ids`.
  public let logProbability: Float
  /// Beam search's length-normalised score of the best hypothesis; nil for other methods.
  public let score: Float?
  /// Nil where nothing is expected.
  public let expectation: Expectation?

  public init(
    language: LanguageCode, ids: [TokenID], text: String, logProbability: Float, score: Float?,
    expectation: Expectation?
  ) {
    self.language = language
    self.ids = ids
    self.text = text
    self.logProbability = logProbability
    self.score = score
    self.expectation = expectation
  }

  /// Whether the ids are exactly the expected ones; nil where nothing is expected.
  public var exactMatch: Bool? { expectation.map { $0.errors == 0 } }
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
