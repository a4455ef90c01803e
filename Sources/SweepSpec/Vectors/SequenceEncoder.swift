import SonarModel
import TensorKernels

/// Encodes token sequences.
protocol SequenceEncoder {
  /// The embeddings, [dim] each, in order. Throws `SweepError` where a sequence is too long, `TokenizerError` where the
  /// model does not have its tokens.
  func encode(_ sequences: [TokenSequence]) throws -> [[Float]]
}

/// The job's model, loaded when it is first asked.
final class ModelEncoder: SequenceEncoder {
  private let directory: ModelDirectory
  private let precision: Precision
  private let cache: WeightCache?
  private var loaded: SonarModel?

  init(_ directory: ModelDirectory, _ precision: Precision, cache: WeightCache?) {
    self.directory = directory
    self.precision = precision
    self.cache = cache
  }

  func encode(_ sequences: [TokenSequence]) throws -> [[Float]] {
    let model = try loaded ?? SonarModel(directory, precision: precision, cache: cache)
    loaded = model
    return try model.encode(
      sequences.map { sequence in
        let ids = try sequence.ids(in: model.tokenizer)
        guard ids.count <= model.config.maxSourceTokens else {
          throw SweepError("a sequence has \(ids.count) tokens, the encoder takes \(model.config.maxSourceTokens)")
        }
        return ids
      })
  }
}
