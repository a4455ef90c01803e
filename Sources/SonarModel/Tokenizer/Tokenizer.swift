import CSentencePiece
import Foundation

/// Text to token ids and back, through the model's SentencePiece vocabulary.
///
/// Immutable after loading; SentencePiece's const methods may be called from several threads.
public final class Tokenizer: Sendable {
  public static let endOfSequence = TokenID(3)
  public static let unknown = TokenID(1)

  /// Language codes, in the order of the model's config.
  public let languages: [LanguageCode]
  public let vocabularySize: Int
  private let languageTokens: [LanguageCode: TokenID]
  private let offset: Int
  private let pieceCount: Int

  /// The processor is never written to after `init`, and SentencePiece documents its const methods as thread-safe.
  private nonisolated(unsafe) let processor: OpaquePointer

  /// - Parameters:
  ///   - model: the bytes of a SentencePiece model file.
  ///   - config: gives the language tokens and how far SentencePiece's ids are shifted.
  public init(model: Data, config: ModelConfig) throws {
    let loaded = try Self.load(model)
    processor = loaded
    pieceCount = Int(sp_piece_count(loaded))
    offset = config.sentencePieceOffset
    vocabularySize = config.vocabularySize
    languages = config.languages
    languageTokens = config.languageTokens
    guard pieceCount + offset <= vocabularySize else {
      throw TokenizerError(
        .unreadableModel,
        "the tokenizer has \(pieceCount) pieces; the model's vocabulary of \(vocabularySize) has no room for them")
    }
  }

  deinit { sp_free(processor) }

  /// How many pieces a SentencePiece model has, its control pieces included. Throws `unreadableModel`.
  static func pieceCount(of model: Data) throws -> Int {
    let loaded = try load(model)
    defer { sp_free(loaded) }
    return Int(sp_piece_count(loaded))
  }

  private static func load(_ model: Data) throws -> OpaquePointer {
    var message = [CChar](repeating: 0, count: 256)
    let loaded = model.withUnsafeBytes { sp_load($0.baseAddress, $0.count, &message, message.count) }
    guard let loaded else {
      let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw TokenizerError(.unreadableModel, "not a SentencePiece model: \(text)")
    }
    return loaded
  }

  public func token(of language: LanguageCode) throws -> TokenID {
    guard let token = languageTokens[language] else {
      throw TokenizerError(
        .unknownLanguage, "the model has no language '\(language)'; it has \(Self.list(languages.map(\.rawValue)))")
    }
    return token
  }

  /// The ids of a text, without language token or `</s>`. What cannot be spelt becomes `<unk>`.
  public func encode(_ text: String) -> [TokenID] {
    var text = text
    return text.withUTF8 { bytes in
      var ids: UnsafeMutablePointer<Int32>?
      let count = bytes.withMemoryRebound(to: CChar.self) { sp_encode(processor, $0.baseAddress, $0.count, &ids) }
      guard count >= 0, let ids else { return [] }
      defer { sp_free_ids(ids) }
      return (0..<Int(count)).map { TokenID(Int(ids[$0]) + offset) }
    }
  }

  /// The text of ids; special and language tokens, which have no text, are left out, and `<unk>` shows as ⁇.
  public func decode(_ ids: [TokenID]) -> String {
    let pieces = ids.filter { $0 == Self.unknown || isPiece($0) }.map { Int32($0.index - offset) }
    var length = 0
    guard let text = sp_decode(processor, pieces, pieces.count, &length) else { return "" }
    defer { sp_free_text(text) }
    return text.withMemoryRebound(to: UInt8.self, capacity: length) {
      String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
    }
  }

  /// The single token of a word.
  ///
  /// A word that starts with ▁ is taken as a vocabulary piece as it stands; any other as it would be spelt at the start
  /// of a text. Throws `notOneToken`, with the pieces it would take, where that is not exactly one.
  public func token(ofWord word: String) throws -> TokenID {
    if word.hasPrefix("\u{2581}") {
      let id = sp_piece_id(processor, word)
      guard id >= 0 else { throw TokenizerError(.unknownPiece, "the vocabulary has no piece '\(word)'") }
      return TokenID(Int(id) + offset)
    }
    let ids = encode(word)
    guard ids.count == 1, ids[0] != Self.unknown else {
      let pieces = ids.map { $0 == Self.unknown ? "<unk>" : piece(of: $0) }
      let spelt = pieces.joined(separator: " ")
      let count = ids.contains(Self.unknown) ? "not in the vocabulary" : "\(ids.count) pieces"
      throw TokenizerError(.notOneToken, "'\(word)' is \(count)\(spelt.isEmpty ? "" : ": \(spelt)")")
    }
    return ids[0]
  }

  /// A printable name of any token: its piece, `<pad>`, `</s>` or `__eng_Latn__`.
  public func piece(of id: TokenID) -> String {
    switch id.index {
    case 0: "<pad>"
    case 1: "<unk>"
    case 2: "<s>"
    case 3: "</s>"
    default:
      if isPiece(id), let piece = sp_piece(processor, Int32(id.index - offset)) {
        String(validatingCString: piece) ?? "<\(id)>"
      } else if let language = languageTokens.first(where: { $0.value == id })?.key {
        "__\(language)__"
      } else {
        "<\(id)>"
      }
    }
  }

  /// Throws `idOutOfRange` unless every id is a row of the vocabulary.
  public func check(_ ids: [TokenID]) throws {
    if let bad = ids.first(where: { $0.index >= vocabularySize }) {
      throw TokenizerError(.idOutOfRange, "id \(bad) is outside the vocabulary (0 to \(vocabularySize - 1))")
    }
  }

  /// The ids of the vocabulary's pieces: all but special, language and marker tokens.
  public var pieces: Range<Int> { min(4, pieceCount + offset)..<pieceCount + offset }

  private func isPiece(_ id: TokenID) -> Bool { pieces.contains(id.index) }

  private static func list(_ names: [String]) -> String {
    names.count <= 8
      ? names.joined(separator: ", ") : names.prefix(8).joined(separator: ", ") + " and \(names.count - 8) more"
  }
}
