import TensorKernels

/// SONAR's text decoder, one token of many sequences at a time.
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
  private let table: Backend.Table
  private let projection: Backend.Linear
  private let positions: PositionEncoding
  private let layers: [Layer]
  private let finalNorm: LayerNorm

  private let embedding, states, normalised, attended, value: Backend.Buffer
  private let queryKeyValue, inner, selected: Backend.Buffer
  /// [sequences, layers × dim]: the cross-attention constants of each conditioning slot.
  private let conditioning: Backend.Buffer
  private var conditioningSlots = 0
  private var freeConditioning: [Int] = []
  private var freeCaches: [Backend.Cache] = []

  init(_ loader: WeightLoader<Backend>) throws {
    backend = loader.backend
    config = loader.config
    let (dim, vocabulary) = (config.modelDim, config.vocabularySize)
    let embeddings = try loader.table("decoder.decoder_frontend.embed.weight")
    table = try backend.makeTable(embeddings, width: dim)
    // The output projection is tied to the embedding table and has no bias.
    projection = try backend.makeLinear(weight: embeddings, bias: nil, inputs: dim, outputs: vocabulary)
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
    (embedding, states) = (backend.makeBuffer(columns: dim), backend.makeBuffer(columns: dim))
    (normalised, attended) = (backend.makeBuffer(columns: dim), backend.makeBuffer(columns: dim))
    (value, selected) = (backend.makeBuffer(columns: dim), backend.makeBuffer(columns: dim))
    queryKeyValue = backend.makeBuffer(columns: 3 * dim)
    inner = backend.makeBuffer(columns: config.feedForwardDim)
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

  /// Computes the cross-attention constants of an embedding, [dim], and returns their slot.
  func condition(on values: [Float]) throws -> Int {
    guard values.count == config.modelDim else {
      throw ModelError("the embedding has \(values.count) values; the model's have \(config.modelDim)")
    }
    guard values.allSatisfy(\.isFinite) else { throw ModelError("the embedding has a value that is not finite") }
    let slot = freeConditioning.popLast() ?? conditioningSlots
    conditioningSlots = max(conditioningSlots, slot + 1)
    backend.write(values, into: embedding)
    for (i, layer) in layers.enumerated() {
      try backend.linear(embedding, layer.crossValue, .none, into: value)
      try backend.linear(value, layer.crossOutput, .none, into: attended)
      backend.store(attended, atRow: slot, column: i * config.modelDim, in: conditioning)
    }
    return slot
  }

  /// Feeds one token per row and answers the rows' queries; nil for rows without one.
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
      try backend.linear(normalised, layer.feedForward.inner, .relu, into: inner)
      try backend.linear(inner, layer.feedForward.output, .accumulate, into: states)
    }
    backend.layerNorm(states, finalNorm, into: normalised)
    return try scores(of: rows)
  }

  /// Projects only the rows that ask for it.
  private func scores(of rows: [Row]) throws -> [TokenScores?] {
    let asking = rows.indices.filter { rows[$0].query != nil }
    guard !asking.isEmpty else { return rows.map { _ in nil } }
    backend.selectRows(asking, of: normalised, into: selected)
    let answers = try backend.scores(selected, projection: projection, queries: asking.compactMap { rows[$0].query })
    var result = [TokenScores?](repeating: nil, count: rows.count)
    for (answer, row) in zip(answers, asking) { result[row] = answer }
    return result
  }
}
