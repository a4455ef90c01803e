import TensorKernels

/// Reads layers by their fairseq2 names and packs them for the backend.
struct WeightLoader<Backend: TensorBackend> {
  let backend: Backend
  let file: Safetensors
  let config: ModelConfig

  func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Backend.Linear {
    try backend.makeLinear(
      name, inputs: inputs, outputs: outputs, bias: file.tensor("\(name).bias", shape: [outputs])
    ) { try file.tensor("\(name).weight", shape: [outputs, inputs]) }
  }

  func norm(_ name: String) throws -> LayerNorm {
    LayerNorm(
      weight: try file.tensor("\(name).weight", shape: [config.modelDim]),
      bias: try file.tensor("\(name).bias", shape: [config.modelDim]), epsilon: config.layerNormEpsilon)
  }

  func attention(_ layer: String) throws -> AttentionWeights<Backend> {
    let dim = config.modelDim
    let projections = ["q_proj", "k_proj", "v_proj"].map { "\(layer).self_attn.\($0)" }
    return AttentionWeights(
      norm: try norm("\(layer).self_attn_layer_norm"),
      queryKeyValue: try backend.makeLinear(
        "\(layer).self_attn.qkv_proj", inputs: dim, outputs: 3 * dim,
        bias: projections.flatMap { try file.tensor("\($0).bias", shape: [dim]) }
      ) { try projections.flatMap { try file.tensor("\($0).weight", shape: [dim, dim]) } },
      output: try linear("\(layer).self_attn.output_proj", dim, dim))
  }

  func feedForward(_ layer: String) throws -> FeedForwardWeights<Backend> {
    FeedForwardWeights(
      norm: try norm("\(layer).ffn_layer_norm"),
      inner: try linear("\(layer).ffn.inner_proj", config.modelDim, config.feedForwardDim),
      output: try linear("\(layer).ffn.output_proj", config.feedForwardDim, config.modelDim))
  }

  func table(_ name: String) throws -> EmbeddingTable {
    try file.table(name, shape: [config.vocabularySize, config.modelDim])
  }

  /// The map to logits that is tied to an embedding table; it has no bias.
  func projection(tiedTo name: String) throws -> Backend.Projection {
    let shape = [config.vocabularySize, config.modelDim]
    return try backend.makeProjection(name, vocabulary: config.vocabularySize, width: config.modelDim) {
      try file.rows($0, of: name, shape: shape)
    }
  }
}
