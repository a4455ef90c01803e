import SonarModel

/// The difference of two sequences' embeddings: `{plus: [cat, _], minus: [dog, _], language: eng_Latn}`, each a list of
/// tokens or a text.
enum DifferenceVector: VectorForm {
  static let name = "difference"
  static let example = "{difference: {plus: [cat, _], minus: [dog, _], language: eng_Latn}}"

  static func values(_ value: YAMLValue, in context: JobContext, from sources: VectorSources) throws -> VectorValues? {
    try value.mapping { mapping in
      let language = mapping.required("language", "the language token both stand under, as eng_Latn")
        .flatMap(context.language)
      let plus = mapping.required("plus", "tokens, as [cat, _], or a text").flatMap { content($0, in: context) }
      let minus = mapping.required("minus", "tokens, as [dog, _], or a text").flatMap { content($0, in: context) }
      guard let language, let plus, let minus else { return nil }
      let embeddings = try sources.encoder.encode([plus, minus].map { TokenSequence(language: language, $0) })
      return VectorValues(zip(embeddings[0], embeddings[1]).map { $0 - $1 })
    }
  }

  private static func content(_ value: YAMLValue, in context: JobContext) -> TokenSequence.Content? {
    if value.isScalar { return value.string().map { .text($0) } }
    let names = value.list()?.compactMapAll { item -> TokenName? in
      guard let word = item.word() else { return nil }
      do {
        _ = try context.tokenizer?.token(ofWord: word)
        return .word(word)
      } catch {
        item.report("\(error); use a word that is one token or a ▁piece, or write a text in place of the list")
        return nil
      }
    }
    return names.map { .tokens($0) }
  }
}
