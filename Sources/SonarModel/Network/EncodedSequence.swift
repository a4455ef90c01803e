/// What the encoder gives of a sequence.
public struct EncodedSequence: Hashable, Sendable {
  /// [dim]
  public let embedding: [Float]
  /// After the last layer and the final LayerNorm, each [dim], of the tokens asked for. The embedding is the mean of all.
  public let states: [[Float]]

  public init(embedding: [Float], states: [[Float]]) {
    self.embedding = embedding
    self.states = states
  }
}
