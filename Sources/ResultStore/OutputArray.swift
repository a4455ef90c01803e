import SweepSpec

/// An array a job writes: float32 over the sweep's axes and a few dimensions of its own.
struct OutputArray: Hashable, Sendable {
  struct Dimension: Hashable, Sendable {
    let name: String
    let size: Int
  }

  /// Which part of a record the array holds.
  enum Content: Hashable, Sendable {
    case embedding
    /// The `index`-th of a record's states.
    case state(StateKind, index: Int)
    case logProbability
    case exactMatch
    case tokenErrors
  }

  let content: Content
  /// What the values are, for the array's attributes.
  let summary: String
  /// The dimensions after the sweep's axes; a unit fills them all.
  let tail: [Dimension]

  private init(_ content: Content, _ summary: String, _ tail: [Dimension]) {
    self.content = content
    self.summary = summary
    self.tail = tail
  }

  var name: String {
    switch content {
    case .embedding: "embedding"
    case .state(let state, _): state.rawValue
    case .logProbability: "log_probability"
    case .exactMatch: "exact_match"
    case .tokenErrors: "token_errors"
    }
  }

  /// Whether it says what the unit is, rather than how it was measured: two records of a unit must agree on it.
  var identifiesUnit: Bool {
    switch content {
    case .embedding, .state: true
    case .logProbability, .exactMatch, .tokenErrors: false
    }
  }

  /// Values per unit.
  var unitSize: Int { tail.reduce(1) { $0 * $1.size } }

  static let targetDimension = "target"
  static let dimDimension = "dim"

  /// The arrays of a job: the embedding, the states its kind asks for, and, where it decodes, measures per target
  /// language.
  static func outputs(of spec: JobSpec) -> [OutputArray] {
    let dim = [Dimension(name: dimDimension, size: spec.model.dim)]
    var outputs = [OutputArray(.embedding, "the unit's embedding", dim)]
    for (i, state) in spec.sweep.kind.states.enumerated() {
      outputs.append(OutputArray(.state(state, index: i), state.summary, dim))
    }
    guard let decode = spec.decode else { return outputs }
    let target = [Dimension(name: targetDimension, size: decode.languages.count)]
    return outputs + [
      OutputArray(.logProbability, "natural log-probability of the decoded tokens, summed", target),
      OutputArray(
        .exactMatch, "1 where the decoded tokens are the expected ones, else 0; NaN without expectation", target),
      OutputArray(
        .tokenErrors, "Levenshtein distance of the decoded tokens to the expected ones; NaN without expectation",
        target),
    ]
  }

  /// The values of a record for this array; nil where it has none.
  func values(of record: Record) -> [Float]? {
    guard case .done(let embedding, let states, let decodes) = record.outcome else { return nil }
    return switch content {
    case .embedding: embedding
    case .state(_, let index): states[index]
    case .logProbability: decodes.map(\.logProbability)
    case .exactMatch: decodes.map { $0.exactMatch.map { $0 ? 1 : 0 } ?? .nan }
    case .tokenErrors: decodes.map { $0.expectation.map { Float($0.errors) } ?? .nan }
    }
  }
}

extension StateKind {
  fileprivate var summary: String {
    switch self {
    case .token: "a content token's state after the encoder's last layer and final LayerNorm"
    case .input: "a content token's state before the encoder's first layer"
    }
  }
}
