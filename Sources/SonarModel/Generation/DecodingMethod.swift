/// How the decoder's tokens are chosen.
public enum DecodingMethod: Hashable, Sendable, Codable {
  /// The most probable token at each step.
  case greedy
  /// Beam search as SONAR's pipeline does it (fairseq2's `BeamSearchSeq2SeqGenerator`).
  case beam(size: Int)
}
