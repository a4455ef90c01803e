import Foundation

/// Finds the tensors of both halves, compares what they say with the config, and numbers the language tokens.
struct ImportPlanner {
  private static let maximumTokenizer = 256 << 20
  /// The data-source markers that may follow the language tokens.
  private static let maximumMarkers = 3

  let encoder: HalfTensors
  let decoder: HalfTensors
  let tokenizer: InputFile
  /// Given by the user; nil to look beside the checkpoints.
  let configFile: URL?

  /// Reads headers only. Throws `ModelError`.
  func plan() throws -> ImportPlan {
    let sizes = try commonSizes()
    let config = try config(for: sizes)
    let pieces = try Tokenizer.pieceCount(of: Data(tokenizer.all(atMost: Self.maximumTokenizer)))
    let tensors = try tensors(of: encoder) + tensors(of: decoder)
    try checkTie()
    return ImportPlan(
      tensors: tensors.sorted { $0.name < $1.name }, sizes: sizes,
      config: try file(sizes, config, pieces: pieces), encoder: encoder.checkpoint, decoder: decoder.checkpoint,
      tokenizer: tokenizer, pieceCount: pieces)
  }

  // MARK: - Sizes

  private func commonSizes() throws -> ModelSizes {
    func same(_ what: String, _ size: KeyPath<HalfTensors, Int>) throws -> Int {
      guard encoder[keyPath: size] == decoder[keyPath: size] else {
        throw ModelError(
          "the encoder's \(what) is \(encoder[keyPath: size]) and the decoder's \(decoder[keyPath: size]); they must be "
            + "the same")
      }
      return encoder[keyPath: size]
    }
    let sizes = ModelSizes(
      modelDim: try same("embedding dim", \.modelDim), vocabulary: try same("vocabulary", \.vocabulary),
      encoderLayers: encoder.layers, decoderLayers: decoder.layers,
      feedForwardDim: try same("feed-forward dim", \.feedForwardDim))
    guard sizes.vocabulary >= 4, sizes.modelDim >= 2, sizes.feedForwardDim >= 1 else {
      throw ModelError("a model with \(sizes.vocabulary) tokens of dim \(sizes.modelDim) is too small to be one")
    }
    return sizes
  }

  // MARK: - Config

  /// The config that says what the tensors cannot: the given one, the ones beside the checkpoints, or SONAR basic's.
  private func config(for sizes: ModelSizes) throws -> ImportConfig {
    if let configFile {
      let config = try ImportConfig(contentsOf: configFile)
      try config.check(sizes, half: nil)
      return config
    }
    if let config = try Self.configBeside(encoder) {
      try config.check(sizes, half: .encoder)
      if let other = try Self.configBeside(decoder) {
        try other.check(sizes, half: .decoder)
        guard other.heads == config.heads else {
          throw ModelError("\(config.origin) and \(other.origin) differ in the number of heads")
        }
      }
      return config
    }
    if let config = try Self.configBeside(decoder) {
      try config.check(sizes, half: .decoder)
      return config
    }
    guard sizes.modelDim == ModelSizes.sonarBasic.modelDim else {
      throw ModelError(
        "the embedding dim is \(sizes.modelDim), not SONAR basic's \(ModelSizes.sonarBasic.modelDim), and tensors do not "
          + "say how many heads there are; name a config.json with model_dim, num_heads, languages, ... by --config FILE"
      )
    }
    return .sonarBasic
  }

  /// A Hugging Face port has its config beside its weights; a `.pt` file has none.
  private static func configBeside(_ half: HalfTensors) throws -> ImportConfig? {
    guard half.checkpoint.files.first?.url.pathExtension == "safetensors" else { return nil }
    let url = half.checkpoint.files[0].url.deletingLastPathComponent().appending(path: "config.json")
    return FileManager.default.fileExists(atPath: url.path) ? try ImportConfig(contentsOf: url) : nil
  }

  private func file(_ sizes: ModelSizes, _ config: ImportConfig, pieces: Int) throws -> ModelConfigFile {
    guard let heads = config.heads else {
      throw ModelError(
        "\(config.origin) does not say how many attention heads there are (num_heads or encoder_attention_heads)")
    }
    guard heads > 0, sizes.modelDim % heads == 0 else {
      throw ModelError("\(config.origin): \(heads) heads do not divide the embedding dim \(sizes.modelDim)")
    }
    let languages = config.languages ?? SonarLanguages.all
    return ModelConfigFile(
      sizes: sizes, heads: heads, maxSourceTokens: config.maxSourceTokens, maxTargetTokens: config.maxTargetTokens,
      layerNormEpsilon: config.layerNormEpsilon, firstPosition: config.firstPosition,
      sentencePieceOffset: config.sentencePieceOffset, languages: languages,
      languageTokens: try languageTokens(languages, config, sizes, pieces: pieces))
  }

  /// The ids of the language tokens: those the config gives, or the rows that follow the tokenizer's pieces.
  private func languageTokens(_ languages: [LanguageCode], _ config: ImportConfig, _ sizes: ModelSizes, pieces: Int)
    throws -> [Int]
  {
    let first = pieces + config.sentencePieceOffset
    if let given = config.languageTokens {
      guard first <= sizes.vocabulary else {
        throw ModelError(
          "\(tokenizer.path) has \(pieces) pieces, too many for the \(sizes.vocabulary) rows of the embedding tables")
      }
      return try languages.map { language in
        let id = given["__\(language)__"] ?? given[language.rawValue]
        guard let id, (0..<sizes.vocabulary).contains(id) else {
          throw ModelError("\(config.origin): language_tokens gives no row of the vocabulary for \(language)")
        }
        return id
      }
    }
    let markers = sizes.vocabulary - first - languages.count
    guard (0...Self.maximumMarkers).contains(markers) else {
      let known =
        config.languages == nil
        ? "SONAR's \(languages.count) languages (name others by --config FILE)" : "\(languages.count) languages"
      throw ModelError(
        "the embedding tables have \(sizes.vocabulary) rows, but \(tokenizer.path) has \(pieces) pieces: with "
          + "\(config.sentencePieceOffset) row before them and \(known) after, "
          + (markers < 0 ? "\(-markers) rows are missing" : "\(markers) rows are left over"))
    }
    return languages.indices.map { first + $0 }
  }

  // MARK: - Tensors

  private func tensors(of half: HalfTensors) throws -> [ImportPlan.Tensor] {
    let name = "\(half.half).\(CheckpointNames.table(of: half.half))"
    let table = half.table
    let row = half.modelDim * table.type.size
    let (start, end) = (table.bytes.lowerBound, table.bytes.upperBound)
    let rows = half.checkpoint.form.controlRows.map { start + $0 * row..<start + ($0 + 1) * row }
    let pieces = (rows + [start + rows.count * row..<end]).map { (table.file, $0) }
    let others = try half.all().map { name, tensor in
      ImportPlan.Tensor(
        name: "\(half.half).\(name)", type: tensor.type, shape: tensor.shape, pieces: [(tensor.file, tensor.bytes)])
    }
    return [ImportPlan.Tensor(name: name, type: table.type, shape: table.shape, pieces: pieces)] + others
  }

  /// Throws where the checkpoint has an output projection of its own: here the decoder's is its embedding table.
  private func checkTie() throws {
    guard let (name, output) = decoder.output else { return }
    let table = decoder.table
    if output.file.path == table.file.path, output.bytes == table.bytes { return }
    guard output.type == table.type, output.shape == table.shape, try TensorBytes.equal(output, table) else {
      throw ModelError(
        "\(decoder.checkpoint.path): '\(name)' is not the embedding table; SONAR's decoder has the two tied")
    }
  }
}
