import TensorKernels

/// SONAR's text encoder: token ids to one vector, the mean of the last layer's normalised states.
///
/// Pre-norm transformer layers over ragged rows: sequences of any lengths lie one after the other, without padding.
public final class TextEncoder<Backend: TensorBackend> {
  private let backend: Backend
  private let config: ModelConfig
  private let table: EmbeddingTable
  private let positions: PositionEncoding
  private let layers: [(attention: AttentionWeights<Backend>, feedForward: FeedForwardWeights<Backend>)]
  private let finalNorm: LayerNorm

  /// States [tokens, dim], and scratch of the widths the layers need.
  private let states, final, pooled, queryKeyValue: Backend.Buffer
  private let normalised, attended, inner: Backend.Activation

  init(_ loader: WeightLoader<Backend>) throws {
    backend = loader.backend
    config = loader.config
    let dim = config.modelDim
    table = try loader.table("encoder.encoder_frontend.embed.weight")
    positions = PositionEncoding(positions: config.maxSourceTokens, width: dim, offset: config.firstPosition)
    layers = try (0..<config.encoderLayers).map {
      let name = "encoder.encoder.layers.\($0)"
      return (try loader.attention(name), try loader.feedForward(name))
    }
    finalNorm = try loader.norm("encoder.layer_norm")
    (states, final, pooled) = (
      backend.makeBuffer(columns: dim), backend.makeBuffer(columns: dim), backend.makeBuffer(columns: dim)
    )
    queryKeyValue = backend.makeBuffer(columns: 3 * dim)
    (normalised, attended) = (backend.makeActivation(columns: dim), backend.makeActivation(columns: dim))
    inner = backend.makeActivation(columns: config.feedForwardDim)
  }

  /// Embeddings, each [dim], of sequences (language token and `</s>` included), in their order.
  public func encode(_ sequences: [[TokenID]]) throws -> [[Float]] {
    let offsets = try forward(sequences)
    backend.meanPool(final, offsets: offsets, into: pooled)
    return sequences.indices.map { backend.values(ofRow: $0, in: pooled) }
  }

  /// Per sequence the states after the final LayerNorm, [length × dim] row-major, and their mean, [dim].
  public func encodeWithStates(_ sequences: [[TokenID]]) throws -> [(embedding: [Float], states: [[Float]])] {
    let offsets = try forward(sequences)
    backend.meanPool(final, offsets: offsets, into: pooled)
    return sequences.indices.map { i in
      (
        backend.values(ofRow: i, in: pooled),
        (offsets[i]..<offsets[i + 1]).map { backend.values(ofRow: $0, in: final) }
      )
    }
  }

  /// Leaves the final states in `final` and returns where each sequence starts.
  private func forward(_ sequences: [[TokenID]]) throws -> [Int] {
    var offsets = [0]
    var tokens: [TokenAt] = []
    for sequence in sequences {
      guard (1...config.maxSourceTokens).contains(sequence.count) else {
        throw TokenizerError(
          .tooLong, "the sequence has \(sequence.count) tokens; the encoder takes 1 to \(config.maxSourceTokens)")
      }
      guard sequence.allSatisfy({ $0.index < config.vocabularySize }) else {
        throw TokenizerError(.idOutOfRange, "the sequence has an id outside the vocabulary")
      }
      for (position, id) in sequence.enumerated() { tokens.append(TokenAt(id: id.index, position: position)) }
      offsets.append(tokens.count)
    }
    let scale = Float(config.modelDim).squareRoot()
    backend.embed(tokens, table: table, scale: scale, positions: positions, into: states)
    for layer in layers {
      backend.layerNorm(states, layer.attention.norm, into: normalised)
      try backend.linear(normalised, layer.attention.queryKeyValue, .none, into: queryKeyValue)
      backend.attention(qkv: queryKeyValue, offsets: offsets, heads: config.heads, into: attended)
      try backend.linear(attended, layer.attention.output, .accumulate, into: states)

      backend.layerNorm(states, layer.feedForward.norm, into: normalised)
      try backend.linearReLU(normalised, layer.feedForward.inner, into: inner)
      try backend.linear(inner, layer.feedForward.output, .accumulate, into: states)
    }
    backend.layerNorm(states, finalNorm, into: final)
    return offsets
  }
}
