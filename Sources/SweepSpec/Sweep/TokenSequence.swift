import SonarModel

/// One token, by the word it spells or by its id.
public enum TokenName: Hashable, Sendable, Codable {
  /// A word or ▁-piece that must be exactly one token.
  case word(String)
  case id(TokenID)

  /// In JSON a word is a string and an id a number.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let id = try? container.decode(TokenID.self) {
      self = .id(id)
    } else {
      self = .word(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .word(let word): try container.encode(word)
    case .id(let id): try container.encode(id)
    }
  }

  public var label: String {
    switch self {
    case .word(let word): word
    case .id(let id): String(id.rawValue)
    }
  }

  /// The token's id. Throws `TokenizerError` where the word is not one token or the id outside the vocabulary.
  public func id(in tokenizer: Tokenizer) throws -> TokenID {
    switch self {
    case .word(let word):
      return try tokenizer.token(ofWord: word)
    case .id(let id):
      try tokenizer.check([id])
      return id
    }
  }
}

/// Content tokens under a language token: what the encoder reads between `[language]` and `</s>`.
public struct TokenSequence: Hashable, Sendable {
  public enum Content: Hashable, Sendable {
    case text(String)
    case tokens([TokenName])
  }

  public let language: LanguageCode
  public let content: Content

  public init(language: LanguageCode, _ content: Content) {
    self.language = language
    self.content = content
  }

  /// The content's ids, without language token and `</s>`.
  public func contentIDs(in tokenizer: Tokenizer) throws -> [TokenID] {
    switch content {
    case .text(let text): tokenizer.encode(text)
    case .tokens(let names): try names.map { try $0.id(in: tokenizer) }
    }
  }

  /// `[language] content </s>`, the encoder's input.
  public func ids(in tokenizer: Tokenizer) throws -> [TokenID] {
    [try tokenizer.token(of: language)] + (try contentIDs(in: tokenizer)) + [Tokenizer.endOfSequence]
  }

  public var description: String {
    switch content {
    case .text(let text): text
    case .tokens(let names): names.map(\.label).joined(separator: " ")
    }
  }
}
