import SweepSpec

extension Probe {
  /// The embedding of the probe, [dim]: Σ weight × source, in the order of the terms, and noise on it.
  ///
  /// - Parameter sequences: the embeddings of the terms that are sequences, in order.
  /// - Throws: `UnitError` where a source has another length, where noise is relative to a norm of 0, and where a value is
  ///   not finite.
  func embedding(of sequences: [[Float]], dim: Int) throws -> [Float] {
    var sequences = sequences[...]
    var sum: [Float]?
    for term in terms {
      let vector = try term.source.vector(&sequences)
      guard vector.count == dim else {
        throw UnitError(
          code: "vector-length",
          message: "\(term.source.name) has \(vector.count) values, the model's embeddings have \(dim)")
      }
      let weighted = term.weight == 1 ? vector : vector.map { $0 * term.weight }
      sum = sum.map { zip($0, weighted).map { $0 + $1 } } ?? weighted
    }
    var embedding = sum ?? .init(repeating: 0, count: dim)
    if let noise, noise.scale != 0 {
      guard let added = noise.values(for: embedding) else {
        throw UnitError(
          code: "zero-norm",
          message:
            "the combination's norm is 0, and noise of \(noise.scale) times that has no direction; leave one of the two"
        )
      }
      embedding = zip(embedding, added).map { $0 + $1 }
    }
    guard embedding.allSatisfy(\.isFinite) else {
      throw UnitError(code: "not-finite", message: "the embedding has a value that is not finite")
    }
    return embedding
  }
}

extension Probe.Source {
  fileprivate var name: String {
    switch self {
    case .sequence(let sequence): "the embedding of '\(sequence.description)'"
    case .vector(let vector): "the vector '\(vector.name)'"
    case .ramp(let unit, _): "the ramp of unit \(unit)"
    }
  }

  fileprivate func vector(_ sequences: inout ArraySlice<[Float]>) throws -> [Float] {
    switch self {
    case .sequence:
      guard let embedding = sequences.popFirst() else {
        throw UnitError(code: "internal", message: "a sequence was not encoded")
      }
      return embedding
    case .vector(let named): return named.values
    case .ramp(let unit, let dim): return (0..<dim).map { Float((unit &+ UInt64($0)) & 0xFFFF) }
    }
  }
}
