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
