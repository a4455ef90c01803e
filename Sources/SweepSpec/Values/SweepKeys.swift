import SonarModel

/// The keys many kinds share. Each returns nil after reporting what is wrong.
extension YAMLMapping {
  func language(in context: JobContext) -> LanguageCode? {
    required("language", "the language token the sequences stand under, as eng_Latn").flatMap(context.language)
  }

  func tokens(_ key: String, _ meaning: String, in context: JobContext) -> TokenList? {
    required(key, meaning).flatMap { TokenList($0, in: context) }
  }

  /// Like `tokens`; `other` where the key is not there.
  func tokens(_ key: String, else other: TokenList?, in context: JobContext) -> TokenList? {
    optional(key).map { TokenList($0, in: context) } ?? other
  }

  func length(in context: JobContext) -> Int? {
    required("length", "how many content tokens the sequences have")?.integer(in: 1...context.maxContentTokens)
  }
}

extension JobContext {
  /// One token: a word or ▁-piece that is one token, or an id as `{id: 75}`.
  func token(_ value: YAMLValue) -> (label: String, id: TokenID)? {
    if value.isMapping {
      return value.mapping { mapping in
        mapping.required("id", "the token's id")?.integer(in: 0...lastTokenID).map { (String($0), TokenID($0)) }
      }
    }
    // Without a model there is something else to report.
    guard let word = value.word(), let tokenizer else { return nil }
    do {
      return (word, try tokenizer.token(ofWord: word))
    } catch {
      value.report("\(error); use a word that is one token, a ▁piece, or {id: NUMBER}")
      return nil
    }
  }
}

extension Probe {
  /// A probe whose decodes into the expected sequence's language should give that sequence.
  init(
    terms: [Term], noise: Noise? = nil, statePosition: Int? = nil, decode: DecodeSpec?, expected: TokenSequence?
  ) {
    self.init(
      terms: terms, noise: noise, statePosition: statePosition,
      decodes: decode?.requests { $0 == expected?.language ? expected : nil } ?? [])
  }
}

/// The limit of a sequence's length in a spec from anywhere: beyond it a probe would be too large to be made.
let maxSequenceLength = 1 << 16
