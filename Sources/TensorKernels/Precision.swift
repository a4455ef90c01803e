/// The number format of matrix products. All else (attention, LayerNorm, softmax, the residual stream, what searches see
/// of the logits) is float32 in every precision.
public enum Precision: String, CaseIterable, Hashable, Sendable, Codable {
  /// Float32 weights and activations: the default for results.
  case fp32
  /// Bfloat16 weights and activations, summed in float32.
  case bf16
  /// 8-bit weights with a scale per output channel and 8-bit activations with a scale per row, summed in 32-bit integers.
  case int8

  /// Of one weight.
  public var bytesPerWeight: Int {
    switch self {
    case .fp32: 4
    case .bf16: 2
    case .int8: 1
    }
  }
}
