import SweepSpec

/// An array a job writes: float32 over the sweep's axes and a few dimensions of its own.
struct OutputArray: Hashable, Sendable {
  struct Dimension: Hashable, Sendable {
    let name: String
    let size: Int
  }

  let name: String
  /// What the values are, for the array's attributes.
  let summary: String
  /// The dimensions after the sweep's axes; a unit fills them all.
  let tail: [Dimension]

  /// Values per unit.
  var unitSize: Int { tail.reduce(1) { $0 * $1.size } }

  static let targetDimension = "target"

  /// The arrays of a job: the embedding and, where it decodes, log-probability and exact match per target language.
  static func outputs(of spec: JobSpec) -> [OutputArray] {
    let embedding = OutputArray(
      name: "embedding", summary: "the unit's embedding", tail: [Dimension(name: "dim", size: spec.model.dim)])
    guard let decode = spec.decode else { return [embedding] }
    let target = [Dimension(name: targetDimension, size: decode.languages.count)]
    return [
      embedding,
      OutputArray(
        name: "log_probability", summary: "natural log-probability of the decoded tokens, summed", tail: target),
      OutputArray(
        name: "exact_match",
        summary: "1 where the decoded tokens are the expected ones, else 0; NaN without expectation",
        tail: target),
    ]
  }

  /// The values of a record for this array; nil where it has none.
  func values(of record: Record) -> [Float]? {
    guard case .done(let embedding, let decodes) = record.outcome else { return nil }
    return switch name {
    case "embedding": embedding
    case "log_probability": decodes.map(\.logProbability)
    default: decodes.map { $0.exactMatch.map { $0 ? 1 : 0 } ?? .nan }
    }
  }
}
