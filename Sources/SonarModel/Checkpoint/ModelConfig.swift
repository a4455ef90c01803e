import Foundation

/// The sizes and conventions of a model, from its `config.json`.
///
/// Only where that does not number the language tokens is something else read: the tokenizer beside it, whose pieces
/// they follow.
public struct ModelConfig: Sendable {
  public let modelDim: Int
  public let vocabularySize: Int
  public let encoderLayers: Int
  public let decoderLayers: Int
  public let heads: Int
  public let feedForwardDim: Int
  /// The most tokens the encoder takes, language token and `</s>` included.
  public let maxSourceTokens: Int
  /// The most tokens the decoder writes, its two prompt tokens included.
  public let maxTargetTokens: Int
  public let layerNormEpsilon: Float
  public let firstPosition: Int
  public let sentencePieceOffset: Int
  public let languages: [LanguageCode]
  public let languageTokens: [LanguageCode: TokenID]

  public init(contentsOf url: URL) throws {
    let file: File
    do {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      file = try decoder.decode(File.self, from: Data(InputFile(url).all(atMost: Self.maximumSize)))
    } catch let error as ModelError {
      throw error
    } catch let error as DecodingError {
      throw ModelError("\(url.path): \(Self.explain(error))")
    } catch {
      throw ModelError("\(url.path) cannot be read: \(error.localizedDescription)")
    }
    try self.init(file, path: url.path) {
      let tokenizer = try InputFile(url.deletingLastPathComponent().appending(path: "sentencepiece.model"))
      return try Tokenizer.pieceCount(of: Data(tokenizer.all(atMost: Self.maximumTokenizer)))
    }
  }

  private static let maximumSize = 4 << 20
  private static let maximumTokenizer = 256 << 20

  /// - Parameter pieceCount: counts the tokenizer's pieces; only called where the language tokens must follow them.
  private init(_ file: File, path: String, pieceCount: () throws -> Int) throws {
    func positive(_ value: Int, _ key: String, atMost limit: Int = 1 << 24) throws -> Int {
      guard (1...limit).contains(value) else { throw ModelError("\(path): \(key) is \(value), not 1 to \(limit)") }
      return value
    }
    guard file.architecture == "sonar_text_basic" else {
      throw ModelError("\(path): architecture is '\(file.architecture)'; only 'sonar_text_basic' is known")
    }
    modelDim = try positive(file.modelDim, "model_dim", atMost: 1 << 16)
    vocabularySize = try positive(file.vocabSize, "vocab_size")
    encoderLayers = try positive(file.numEncoderLayers, "num_encoder_layers", atMost: 1000)
    decoderLayers = try positive(file.numDecoderLayers, "num_decoder_layers", atMost: 1000)
    heads = try positive(file.numHeads, "num_heads", atMost: 1024)
    feedForwardDim = try positive(file.ffnInnerDim, "ffn_inner_dim", atMost: 1 << 20)
    guard modelDim % heads == 0, modelDim % 2 == 0 else {
      throw ModelError("\(path): model_dim \(modelDim) must be even and divide by num_heads \(heads)")
    }
    maxSourceTokens = try positive(file.maxSourceTokens ?? 514, "max_source_tokens", atMost: 1 << 16)
    maxTargetTokens = try positive(file.maxTargetTokens ?? 512, "max_target_tokens", atMost: 1 << 16)
    layerNormEpsilon = file.layerNormEps ?? 1e-5
    firstPosition = file.firstPosition ?? 2
    sentencePieceOffset = file.sentencepieceIdOffset ?? 1
    guard layerNormEpsilon.isFinite, layerNormEpsilon > 0, (0...1 << 16).contains(firstPosition),
      (0...1 << 16).contains(sentencePieceOffset)
    else { throw ModelError("\(path): layer_norm_eps, first_position or sentencepiece_id_offset cannot be") }
    languages = file.languages.map { LanguageCode($0) }
    guard !languages.isEmpty, Set(languages).count == languages.count else {
      throw ModelError("\(path): languages must be a list of different codes")
    }
    let offset = sentencePieceOffset
    languageTokens = try Self.languageTokens(file, languages, vocabularySize, path: path) { try pieceCount() + offset }
  }

  /// The language tokens' rows: as the file numbers them, or from `first` on in the languages' order.
  private static func languageTokens(
    _ file: File, _ languages: [LanguageCode], _ size: Int, path: String, first: () throws -> Int
  ) throws -> [LanguageCode: TokenID] {
    let first = file.languageTokens == nil ? try first() : 0
    var tokens: [LanguageCode: TokenID] = [:]
    for (i, language) in languages.enumerated() {
      let id = file.languageTokens.map { $0["__\(language)__"] ?? $0[language.rawValue] ?? -1 } ?? first + i
      guard (0..<size).contains(id) else {
        throw ModelError(
          file.languageTokens == nil
            ? "\(path): the vocabulary has \(size) rows; with \(first) before the languages, \(language) has none"
            : "\(path): language_tokens gives no row of the vocabulary for \(language)")
      }
      tokens[language] = TokenID(id)
    }
    return tokens
  }

  /// The file's keys, in camel case.
  private struct File: Decodable {
    let architecture: String
    let modelDim, vocabSize, numEncoderLayers, numDecoderLayers, numHeads, ffnInnerDim: Int
    let maxSourceTokens, maxTargetTokens, firstPosition, sentencepieceIdOffset: Int?
    let layerNormEps: Float?
    let languages: [String]
    let languageTokens: [String: Int]?
  }

  private static func explain(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "the key '\(snakeCase(key.stringValue))' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(context.codingPath.map { snakeCase($0.stringValue) }.joined(separator: ".")): \(context.debugDescription)"
    default: "not valid JSON"
    }
  }

  private static func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
  }
}
