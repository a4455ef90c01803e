/// An expression and what belongs to it, as a job has it.
struct ExpressionText: Hashable, Sendable, Codable {
  /// The parts a mistake may be in; the raw value is the key.
  enum Part: String {
    case language, expression, expect, noise
  }

  /// Each a number of 0 or more, or the name of an axis of them.
  struct NoiseText: Hashable, Sendable, Codable {
    let scale: String
    let seed: String
  }

  /// A code or the name of an axis of codes.
  let language: String
  let form: CorpusForm
  let expression: String
  let expect: String?
  let noise: NoiseText?

  /// The keys of a sweep, and how to report a mistake in one of them; nil after reporting one.
  static func read(_ mapping: YAMLMapping) -> (text: ExpressionText, report: (Part, String) -> Void)? {
    let language = mapping.required("language", "the language token, as eng_Latn, or an axis of them")
    let form = mapping.optional("form").map { $0.choice(["text", "pieces"]).flatMap(CorpusForm.init) } ?? .text
    let expression = mapping.required("expression", "as E(\"{word}\") + alpha * (E(\"{new}\") - E(\"{word}\"))")
    let expect = mapping.optional("expect")
    let noise = mapping.optional("noise")
    let noiseText = noise?.mapping { mapping -> NoiseText? in
      let scale = mapping.required("scale", "the noise's length over the embedding's: a number or an axis")?.word()
      let seed = mapping.optional("seed").map { $0.word() } ?? "1"
      guard let scale, let seed else { return nil }
      return NoiseText(scale: scale, seed: seed)
    }
    let (code, text, expected) = (language?.word(), expression?.string(), expect?.string())
    guard let language, let code, let form, let expression, let text, (expected == nil) == (expect == nil),
      (noiseText == nil) == (noise == nil)
    else { return nil }
    let places: [Part: YAMLValue?] = [.language: language, .expression: expression, .expect: expect, .noise: noise]
    return (
      ExpressionText(language: code, form: form, expression: text, expect: expected, noise: noiseText),
      { part, message in (places[part] ?? nil)?.report(message) }
    )
  }
}
