import TensorKernels

/// Self-attention with the query, key and value projections fused into one product.
struct AttentionWeights<Backend: TensorBackend> {
  let norm: LayerNorm
  /// [3 × dim, dim]: query, key, value.
  let queryKeyValue: Backend.Linear
  let output: Backend.Linear
}

struct FeedForwardWeights<Backend: TensorBackend> {
  let norm: LayerNorm
  let inner: Backend.Linear
  let output: Backend.Linear
}

/// Reads layers by their fairseq2 names.
struct WeightLoader<Backend: TensorBackend> {
  let backend: Backend
  let file: Safetensors
  let config: ModelConfig

  func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Backend.Linear {
    try backend.makeLinear(
      weight: file.tensor("\(name).weight", shape: [outputs, inputs]),
      bias: file.tensor("\(name).bias", shape: [outputs]), inputs: inputs, outputs: outputs)
  }

  func norm(_ name: String) throws -> LayerNorm {
    LayerNorm(
      weight: try file.tensor("\(name).weight", shape: [config.modelDim]),
      bias: try file.tensor("\(name).bias", shape: [config.modelDim]), epsilon: config.layerNormEpsilon)
  }

  func attention(_ layer: String) throws -> AttentionWeights<Backend> {
    let dim = config.modelDim
    var (weight, bias): ([Float], [Float]) = ([], [])
    for projection in ["q_proj", "k_proj", "v_proj"] {
      weight += try file.tensor("\(layer).self_attn.\(projection).weight", shape: [dim, dim])
      bias += try file.tensor("\(layer).self_attn.\(projection).bias", shape: [dim])
    }
    return AttentionWeights(
      norm: try norm("\(layer).self_attn_layer_norm"),
      queryKeyValue: try backend.makeLinear(weight: weight, bias: bias, inputs: dim, outputs: 3 * dim),
      output: try linear("\(layer).self_attn.output_proj", dim, dim))
  }

  func feedForward(_ layer: String) throws -> FeedForwardWeights<Backend> {
    FeedForwardWeights(
      norm: try norm("\(layer).ffn_layer_norm"),
      inner: try linear("\(layer).ffn.inner_proj", config.modelDim, config.feedForwardDim),
      output: try linear("\(layer).ffn.output_proj", config.feedForwardDim, config.modelDim))
  }

  func table(_ name: String) throws -> [Float] {
    try file.tensor(name, shape: [config.vocabularySize, config.modelDim])
  }
}
