import TensorKernels

/// SONAR's text decoder, a token of each of many sequences at a time.
///
/// Each layer's cross-attention looks at a single vector, so its softmax is 1 and its result
/// `output_proj(v_proj(embedding))` is a constant of the sequence, computed once (`condition`).
public final class TextDecoder<Backend: TensorBackend> {
  /// One row of a step: a token to feed, what it sees, and what is asked of its logits (nothing when nil).
  struct Row {
    let token: TokenID
    let position: Int
    let cached: CachedRow<Backend.Cache>
    let conditioning: Int
    let query: ScoreQuery?
  }

  private struct Layer {
    let attention: AttentionWeights<Backend>
    let crossValue: Backend.Linear
    let crossOutput: Backend.Linear
    let feedForward: FeedForwardWeights<Backend>
  }

  let config: ModelConfig
  private let backend: Backend
  var precision: Precision { backend.precision }
  private let table: EmbeddingTable
  private let projection: Backend.Projection
  private let positions: PositionEncoding
  private let layers: [Layer]
  private let finalNorm: LayerNorm

  private let embeddings, values, states, queryKeyValue, selected: Backend.Buffer
  private let normalised, attended, inner: Backend.Activation
  /// [sequences, layers × dim]: the cross-attention constants of each conditioning slot.
  private let conditioning: Backend.Buffer
  private var conditioningSlots = 0
  private var freeConditioning: [Int] = []
  private var freeCaches: [Backend.Cache] = []

  init(_ loader: WeightLoader<Backend>) throws {
    backend = loader.backend
    config = loader.config
    let dim = config.modelDim
    let name = "decoder.decoder_frontend.embed.weight"
    table = try loader.table(name)
    projection = try loader.projection(tiedTo: name)
    positions = PositionEncoding(positions: config.maxTargetTokens, width: dim, offset: config.firstPosition)
    layers = try (0..<config.decoderLayers).map {
      let name = "decoder.decoder.layers.\($0)"
      return Layer(
        attention: try loader.attention(name),
        crossValue: try loader.linear("\(name).encoder_decoder_attn.v_proj", dim, dim),
        crossOutput: try loader.linear("\(name).encoder_decoder_attn.output_proj", dim, dim),
        feedForward: try loader.feedForward(name))
    }
    finalNorm = try loader.norm("decoder.decoder.layer_norm")
    (embeddings, values) = (backend.makeBuffer(columns: dim), backend.makeBuffer(columns: dim))
    (states, selected) = (backend.makeBuffer(columns: dim), backend.makeBuffer(columns: dim))
    queryKeyValue = backend.makeBuffer(columns: 3 * dim)
    (normalised, attended) = (backend.makeActivation(columns: dim), backend.makeActivation(columns: dim))
    inner = backend.makeActivation(columns: config.feedForwardDim)
    conditioning = backend.makeBuffer(columns: config.decoderLayers * dim)
  }

  func makeCache() -> Backend.Cache {
    freeCaches.popLast() ?? backend.makeCache(layers: config.decoderLayers, width: config.modelDim)
  }

  /// Returns a request's cache (emptied by the caller) and conditioning slot for the next one.
  func release(_ cache: Backend.Cache, conditioning slot: Int) {
    freeCaches.append(cache)
    freeConditioning.append(slot)
  }

  /// Throws unless an embedding is [dim] finite values.
  func check(_ embedding: [Float]) throws {
    guard embedding.count == config.modelDim else {
      throw ModelError("the embedding has \(embedding.count) values; the model's have \(config.modelDim)")
    }
    guard embedding.allSatisfy(\.isFinite) else { throw ModelError("the embedding has a value that is not finite") }
  }

  /// Computes the cross-attention constants of embeddings, each [dim], and returns their slots.
  func condition(on batch: [[Float]]) throws -> [Int] {
    for embedding in batch { try check(embedding) }
    let slots = batch.map { _ in takeConditioningSlot() }
    backend.write(batch.flatMap { $0 }, into: embeddings)
    backend.convert(embeddings, into: normalised)
    for (i, layer) in layers.enumerated() {
      try backend.linear(normalised, layer.crossValue, .none, into: values)
      backend.convert(values, into: attended)
      try backend.linear(attended, layer.crossOutput, .none, into: values)
      backend.store(values, atRows: slots, column: i * config.modelDim, in: conditioning)
    }
    return slots
  }

  private func takeConditioningSlot() -> Int {
    if let slot = freeConditioning.popLast() { return slot }
    conditioningSlots += 1
    return conditioningSlots - 1
  }

  /// Feeds one token per row and answers the rows' queries; nil for rows without one. Rows may be successive tokens of
  /// one hypothesis.
  func step(_ rows: [Row]) throws -> [TokenScores?] {
    let tokens = rows.map { TokenAt(id: $0.token.index, position: $0.position) }
    let cached = rows.map(\.cached)
    let slots = rows.map(\.conditioning)
    let scale = Float(config.modelDim).squareRoot()
    backend.embed(tokens, table: table, scale: scale, positions: positions, into: states)
    for (i, layer) in layers.enumerated() {
      backend.layerNorm(states, layer.attention.norm, into: normalised)
      try backend.linear(normalised, layer.attention.queryKeyValue, .none, into: queryKeyValue)
      backend.attentionStep(qkv: queryKeyValue, layer: i, rows: cached, heads: config.heads, into: attended)
      try backend.linear(attended, layer.attention.output, .accumulate, into: states)

      backend.addRows(of: conditioning, rows: slots, column: i * config.modelDim, into: states)

      backend.layerNorm(states, layer.feedForward.norm, into: normalised)
      try backend.linearReLU(normalised, layer.feedForward.inner, into: inner)
      try backend.linear(inner, layer.feedForward.output, .accumulate, into: states)
    }
    return try scores(of: rows)
  }

  /// Projects only the rows that ask for it.
  private func scores(of rows: [Row]) throws -> [TokenScores?] {
    let asking = rows.indices.filter { rows[$0].query != nil }
    guard !asking.isEmpty else { return rows.map { _ in nil } }
    backend.selectRows(asking, of: states, into: selected)
    backend.layerNorm(selected, finalNorm, into: normalised)
    let answers = try backend.scores(normalised, projection, queries: asking.compactMap { rows[$0].query })
    var result = [TokenScores?](repeating: nil, count: rows.count)
    for (answer, row) in zip(answers, asking) { result[row] = answer }
    return result
  }
}
