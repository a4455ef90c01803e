import Foundation

/// What tensors cannot say: heads, languages and limits, from a `config.json` of this project's form or of a Hugging
/// Face port, or SONAR basic's. Sizes that the file states are kept to be compared with the tensors.
struct ImportConfig {
  private static let maximumSize = 4 << 20

  /// For messages.
  let origin: String
  var heads: Int?
  /// Nil where the file names none: then SONAR's own 202.
  var languages: [LanguageCode]?
  var languageTokens: [String: Int]?
  var maxSourceTokens = 514
  var maxTargetTokens = 512
  var layerNormEpsilon = 1e-5
  var firstPosition = 2
  var sentencePieceOffset = 1
  /// Key and value of each size the file states, and which size it is.
  private var stated: [(key: String, value: Int, size: any KeyPath<ModelSizes, Int> & Sendable)] = []

  /// Of a model whose checkpoint comes without a config.
  static let sonarBasic = Self(origin: "SONAR basic", heads: 16)

  private init(origin: String, heads: Int?) {
    self.origin = origin
    self.heads = heads
  }

  /// Throws `ModelError` for a file that is no config, or of a model whose layers are not SONAR's.
  init(contentsOf url: URL) throws {
    let file = try InputFile(url)
    let json = Data(try file.all(atMost: Self.maximumSize))
    guard let keys = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
      throw ModelError("\(url.path) is not a JSON object")
    }
    let reader = Reader(path: url.path, keys: keys)
    self.init(origin: url.path, heads: nil)
    if keys["d_model"] != nil {
      try readHuggingFace(reader)
    } else if keys["model_dim"] != nil {
      try readOwn(reader)
    } else {
      throw ModelError("\(url.path) has neither model_dim nor d_model: it is not a model's config")
    }
    languages = try reader.languages()
    languageTokens = try reader.tokens()
    guard (0...1 << 16).contains(sentencePieceOffset), layerNormEpsilon.isFinite, layerNormEpsilon > 0 else {
      throw ModelError("\(url.path): sentencepiece_id_offset or layer_norm_eps cannot be")
    }
  }

  private mutating func readOwn(_ reader: Reader) throws {
    if let architecture = reader.keys["architecture"] as? String, architecture != "sonar_text_basic" {
      throw ModelError(
        "\(origin): architecture is '\(printable(architecture))'; only 'sonar_text_basic' can be imported")
    }
    heads = try reader.integer("num_heads")
    maxSourceTokens = try reader.integer("max_source_tokens") ?? maxSourceTokens
    maxTargetTokens = try reader.integer("max_target_tokens") ?? maxTargetTokens
    firstPosition = try reader.integer("first_position") ?? firstPosition
    sentencePieceOffset = try reader.integer("sentencepiece_id_offset") ?? sentencePieceOffset
    layerNormEpsilon = try reader.real("layer_norm_eps") ?? layerNormEpsilon
    for (key, size) in Self.ownSizes { try state(reader, key, size) }
  }

  private mutating func readHuggingFace(_ reader: Reader) throws {
    let heads = (try reader.integer("encoder_attention_heads"), try reader.integer("decoder_attention_heads"))
    if let encoder = heads.0, let decoder = heads.1, encoder != decoder {
      throw ModelError("\(origin): the encoder has \(encoder) heads and the decoder \(decoder); they must be the same")
    }
    self.heads = heads.0 ?? heads.1
    if let activation = reader.keys["activation_function"] as? String, activation != "relu" {
      throw ModelError("\(origin): activation_function is '\(printable(activation))'; SONAR's is relu")
    }
    if let scale = reader.keys["scale_embedding"] as? Bool, !scale {
      throw ModelError("\(origin): scale_embedding is false; SONAR's embeddings are scaled")
    }
    layerNormEpsilon = try reader.real("layer_norm_eps") ?? layerNormEpsilon
    for (key, size) in Self.huggingFaceSizes { try state(reader, key, size) }
  }

  private mutating func state(_ reader: Reader, _ key: String, _ size: any KeyPath<ModelSizes, Int> & Sendable) throws {
    if let value = try reader.integer(key) { stated.append((key, value, size)) }
  }

  /// Throws where a size the file states is not the tensors'.
  ///
  /// - Parameter half: the half this config lies beside; of a port with one half, what it says about the other means
  ///   nothing. Nil compares everything.
  func check(_ sizes: ModelSizes, half: ModelHalf?) throws {
    for (key, value, size) in stated where half.map({ !key.hasPrefix($0.other.rawValue) }) ?? true {
      guard value == sizes[keyPath: size] else {
        throw ModelError("\(origin): \(key) is \(value), but the tensors' is \(sizes[keyPath: size])")
      }
    }
  }

  private static let ownSizes: [(String, any KeyPath<ModelSizes, Int> & Sendable)] = [
    ("model_dim", \.modelDim), ("vocab_size", \.vocabulary), ("num_encoder_layers", \.encoderLayers),
    ("num_decoder_layers", \.decoderLayers), ("ffn_inner_dim", \.feedForwardDim),
  ]

  private static let huggingFaceSizes: [(String, any KeyPath<ModelSizes, Int> & Sendable)] = [
    ("d_model", \.modelDim), ("vocab_size", \.vocabulary), ("encoder_layers", \.encoderLayers),
    ("decoder_layers", \.decoderLayers), ("encoder_ffn_dim", \.feedForwardDim), ("decoder_ffn_dim", \.feedForwardDim),
  ]

  /// A JSON object's keys, with errors that name them.
  private struct Reader {
    let path: String
    let keys: [String: Any]

    func integer(_ key: String) throws -> Int? {
      guard let value = keys[key], !(value is NSNull) else { return nil }
      guard let number = value as? Int else { throw ModelError("\(path): \(key) is not a whole number") }
      return number
    }

    func real(_ key: String) throws -> Double? {
      guard let value = keys[key], !(value is NSNull) else { return nil }
      guard let number = value as? Double else { throw ModelError("\(path): \(key) is not a number") }
      return number
    }

    func languages() throws -> [LanguageCode]? {
      guard let value = keys["languages"], !(value is NSNull) else { return nil }
      guard let codes = value as? [String], !codes.isEmpty, Set(codes).count == codes.count else {
        throw ModelError("\(path): languages must be a list of different codes")
      }
      return codes.map { LanguageCode($0) }
    }

    func tokens() throws -> [String: Int]? {
      guard let value = keys["language_tokens"], !(value is NSNull) else { return nil }
      guard let tokens = value as? [String: Int] else {
        throw ModelError("\(path): language_tokens must give a whole number for each language")
      }
      return tokens
    }
  }
}
