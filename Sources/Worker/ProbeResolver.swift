import SonarModel
import SweepSpec

/// Turns a probe's words and languages into token ids, remembering words it has seen.
struct ProbeResolver {
  private let tokenizer: Tokenizer
  private let maxSourceTokens: Int
  private let truncate: Bool
  private var words: [TokenName: TokenID] = [:]

  init(model: SonarModel, truncate: Bool) {
    tokenizer = model.tokenizer
    maxSourceTokens = model.config.maxSourceTokens
    self.truncate = truncate
  }

  /// `[language] content </s>`. Throws `UnitError` where the model cannot read the sequence.
  mutating func encoderInput(_ sequence: TokenSequence) throws -> [TokenID] {
    let ids = [try language(sequence.language)] + (try content(of: sequence)) + [Tokenizer.endOfSequence]
    if ids.count <= maxSourceTokens { return ids }
    // The reference cuts at the limit and so loses `</s>`.
    if truncate { return Array(ids.prefix(maxSourceTokens)) }
    throw UnitError(
      code: "too-long",
      message:
        "the sequence has \(ids.count) tokens, the encoder takes \(maxSourceTokens); set truncate: true to cut it")
  }

  /// What the decoder writes when it reproduces the sequence.
  mutating func decoderOutput(_ sequence: TokenSequence) throws -> [TokenID] {
    try content(of: sequence) + [Tokenizer.endOfSequence]
  }

  func language(_ code: LanguageCode) throws -> TokenID {
    do {
      return try tokenizer.token(of: code)
    } catch {
      throw UnitError(code: "unknown-language", message: "\(error)")
    }
  }

  private mutating func content(of sequence: TokenSequence) throws -> [TokenID] {
    switch sequence.content {
    case .text(let text): return tokenizer.encode(text)
    case .tokens(let names): return try names.map { try id(of: $0) }
    }
  }

  private mutating func id(of name: TokenName) throws -> TokenID {
    if let known = words[name] { return known }
    do {
      let id = try name.id(in: tokenizer)
      words[name] = id
      return id
    } catch {
      throw UnitError(code: "not-one-token", message: "\(error)")
    }
  }
}
