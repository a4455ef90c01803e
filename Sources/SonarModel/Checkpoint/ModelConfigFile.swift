import Foundation

/// What a `config.json` holds, to write one. `ModelConfig` reads it.
struct ModelConfigFile: Sendable {
  let sizes: ModelSizes
  let heads: Int
  let maxSourceTokens: Int
  let maxTargetTokens: Int
  let layerNormEpsilon: Double
  let firstPosition: Int
  let sentencePieceOffset: Int
  let languages: [LanguageCode]
  /// Of each language, in their order.
  let languageTokens: [Int]

  /// The file's bytes; equal contents give equal bytes.
  func json() throws -> Data {
    let object: [String: Any] = [
      "architecture": "sonar_text_basic", "model_dim": sizes.modelDim, "vocab_size": sizes.vocabulary,
      "num_encoder_layers": sizes.encoderLayers, "num_decoder_layers": sizes.decoderLayers, "num_heads": heads,
      "ffn_inner_dim": sizes.feedForwardDim, "max_source_tokens": maxSourceTokens, "max_target_tokens": maxTargetTokens,
      "layer_norm_eps": layerNormEpsilon, "first_position": firstPosition,
      "sentencepiece_id_offset": sentencePieceOffset, "pad_idx": 0, "unk_idx": 1, "bos_idx": 2, "eos_idx": 3,
      "languages": languages.map(\.rawValue),
      "language_tokens": Dictionary(
        zip(languages.map { "__\($0)__" }, languageTokens), uniquingKeysWith: { first, _ in first }),
    ]
    var data = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
    data.append(0x0A)
    return data
  }
}
