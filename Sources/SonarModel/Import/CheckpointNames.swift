/// One of a model's two halves.
enum ModelHalf: String, CaseIterable {
  case encoder
  case decoder

  var other: Self { self == .encoder ? .decoder : .encoder }
}

/// The table of tensor names: fairseq2's, which models here use, and those of fairseq and Hugging Face, which agree.
enum CheckpointNames {
  /// A module of one layer: its weight and bias, or only a weight and a bias as long as it is wide, for a LayerNorm.
  struct LayerPart {
    let fairseq2: String
    let fairseq: String
    /// The weight's shape, in the model's dim and its feed-forward dim; the bias is as long as the first extent.
    let shape: @Sendable (_ dim: Int, _ inner: Int) -> [Int]
  }

  private static let selfAttention: [LayerPart] =
    ["q_proj", "k_proj", "v_proj"].map { part("self_attn.\($0)", "self_attn.\($0)", square) } + [
      part("self_attn.output_proj", "self_attn.out_proj", square),
      part("self_attn_layer_norm", "self_attn_layer_norm", norm),
    ]

  private static let crossAttention: [LayerPart] =
    ["q_proj", "k_proj", "v_proj"].map { part("encoder_decoder_attn.\($0)", "encoder_attn.\($0)", square) } + [
      part("encoder_decoder_attn.output_proj", "encoder_attn.out_proj", square),
      part("encoder_decoder_attn_layer_norm", "encoder_attn_layer_norm", norm),
    ]

  private static let feedForward = [
    part("ffn.inner_proj", "fc1") { [$1, $0] }, part("ffn.output_proj", "fc2") { [$0, $1] },
    part("ffn_layer_norm", "final_layer_norm", norm),
  ]

  static func layerParts(of half: ModelHalf) -> [LayerPart] {
    selfAttention + (half == .decoder ? crossAttention : []) + feedForward
  }

  /// fairseq2's name of a half's embedding table.
  static func table(of half: ModelHalf) -> String { "\(half)_frontend.embed.weight" }

  /// fairseq2's name of the LayerNorm after the last layer.
  static func finalNorm(of half: ModelHalf) -> String { half == .encoder ? "layer_norm" : "decoder.layer_norm" }

  /// fairseq2's name of a layer.
  static func layer(_ number: Int, of half: ModelHalf) -> String { "\(half).layers.\(number)" }

  /// What may stand before every name of a half.
  static func prefixes(of half: ModelHalf, in form: Checkpoint.Form) -> [String] {
    switch form {
    case .fairseq2: ["", "\(half).", "model."]
    case .fairseq, .huggingFace: ["", "\(half).", "model.\(half).", "model."]
    }
  }

  /// Where a half's embedding table may be, the likeliest first.
  static func tables(of half: ModelHalf, in form: Checkpoint.Form, prefix: String) -> [String] {
    switch form {
    case .fairseq2: [prefix + table(of: half)]
    case .fairseq, .huggingFace:
      ["\(prefix)embed_tokens.weight", "model.shared.weight", "shared.weight"]
        + (half == .decoder ? outputs(in: form, prefix: prefix) : ["embed_tokens.weight"])
    }
  }

  /// Where the decoder's output projection may be; it is the same tensor as its embedding table.
  static func outputs(in form: Checkpoint.Form, prefix: String) -> [String] {
    switch form {
    case .fairseq2: ["\(prefix)final_proj.weight"]
    case .fairseq, .huggingFace:
      ["lm_head.weight", "model.lm_head.weight", "\(prefix)lm_head.weight", "\(prefix)output_projection.weight"]
    }
  }

  private static let square: @Sendable (Int, Int) -> [Int] = { dim, _ in [dim, dim] }
  private static let norm: @Sendable (Int, Int) -> [Int] = { dim, _ in [dim] }

  private static func part(
    _ fairseq2: String, _ fairseq: String, _ shape: @escaping @Sendable (Int, Int) -> [Int]
  ) -> LayerPart {
    LayerPart(fairseq2: fairseq2, fairseq: fairseq, shape: shape)
  }
}
