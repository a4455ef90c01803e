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

  /// Embeddings of sequences (language token and `</s>` included), in their order.
  ///
  /// - Parameter rows: per sequence the tokens whose states are wanted, 0 the language token; each below its length.
  public func encode(_ sequences: [[TokenID]], statesOf rows: [[Int]]) throws -> [EncodedSequence] {
    let offsets = try forward(sequences)
    backend.meanPool(final, offsets: offsets, into: pooled)
    return sequences.indices.map { i in
      EncodedSequence(
        embedding: backend.values(ofRow: i, in: pooled),
        states: rows[i].map { backend.values(ofRow: offsets[i] + $0, in: final) })
    }
  }

  /// Embeddings, each [dim], of sequences (language token and `</s>` included), in their order.
  public func encode(_ sequences: [[TokenID]]) throws -> [[Float]] {
    try encode(sequences, statesOf: sequences.map { _ in [] }).map(\.embedding)
  }

  /// Per sequence its embedding and the states of all its tokens.
  public func encodeWithStates(_ sequences: [[TokenID]]) throws -> [EncodedSequence] {
    try encode(sequences, statesOf: sequences.map { Array($0.indices) })
  }

  /// What the first layer reads, each [dim]: a token's scaled row of the table plus the encoding of its place, 0 the
  /// language token's.
  public func inputStates(_ tokens: [(id: TokenID, place: Int)]) throws -> [[Float]] {
    guard tokens.allSatisfy({ $0.id.index < config.vocabularySize && (0..<config.maxSourceTokens).contains($0.place) })
    else { throw TokenizerError(.idOutOfRange, "a token is outside the vocabulary or the encoder's places") }
    embed(tokens.map { TokenAt(id: $0.id.index, position: $0.place) })
    return tokens.indices.map { backend.values(ofRow: $0, in: states) }
  }

  /// Leaves the tokens' input states in `states`.
  private func embed(_ tokens: [TokenAt]) {
    let scale = Float(config.modelDim).squareRoot()
    backend.embed(tokens, table: table, scale: scale, positions: positions, into: states)
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
    embed(tokens)
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
