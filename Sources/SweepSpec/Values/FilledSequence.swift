import SonarModel

/// Sequences of one content token among fillers: `_ dog _ _`.
struct FilledSequence: Sendable {
  let language: LanguageCode
  /// Content tokens, language token and `</s>` not counted.
  let length: Int

  /// - Precondition: `position` is 0 to `length` - 1.
  func callAsFunction(_ token: TokenName, at position: Int, among filler: TokenName) -> TokenSequence {
    var content = [TokenName](repeating: filler, count: length)
    content[position] = token
    return TokenSequence(language: language, .tokens(content))
  }
}
