/// A hidden state of the encoder that a record may hold beside the embedding.
public enum StateKind: String, Hashable, Sendable, Codable, CaseIterable {
  /// Of a content token after the last layer and the final LayerNorm: what the embedding is the mean of.
  case token = "token_state"
  /// Of a content token before the first layer: its scaled table row plus its position's encoding.
  case input = "input_state"
}
