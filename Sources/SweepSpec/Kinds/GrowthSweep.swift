import SonarModel

/// A token once, twice, ...: `dog`, `dog dog`; and whether the difference of two counts makes any sequence grow:
/// E(n) + k × (E(n + 1) - E(n)), where E(n) embeds n tokens, should read n + k of them.
///
/// Axes: token, count (n; only where `counts` is given, else 1), step (k; only where `steps` is given, else 0).
public struct GrowthSweep: SweepKind {
  public static let name = "growth"
  public static let summary = "a token repeated, and differences that should repeat it once more"

  private let language: LanguageCode
  private let tokens: TokenList
  private let counts: IntegerList?
  private let steps: IntegerList?

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let limit = context.maxContentTokens
    let language = mapping.language(in: context)
    let tokens = mapping.tokens("tokens", "the tokens to repeat, as [dog, cat]", in: context)
    let (countsValue, stepsValue) = (mapping.optional("counts"), mapping.optional("steps"))
    let counts = countsValue.flatMap { IntegerList($0, in: 1...limit - 1) }
    let steps = stepsValue.flatMap { IntegerList($0, in: 0...limit - 1) }
    if countsValue == nil, stepsValue == nil {
      mapping.report(
        "give 'counts' (how often the token stands there), 'steps' (how often the difference is added) or both")
    }
    guard let language, let tokens, (counts == nil) == (countsValue == nil), (steps == nil) == (stepsValue == nil),
      counts != nil || steps != nil
    else { return nil }
    let longest = (counts?.bounds?.upperBound ?? 1) + (steps?.bounds?.upperBound ?? 0)
    guard longest <= limit else {
      mapping.report("a count and a step make \(longest) tokens; the model reads \(limit)")
      return nil
    }
    (self.language, self.tokens, self.counts, self.steps) = (language, tokens, counts, steps)
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    try counts?.check("counts", in: 1...maxSequenceLength)
    try steps?.check("steps", in: 0...maxSequenceLength)
    let axes = [tokens.axis("token"), counts?.axis("count"), steps?.axis("step")].compactMap { $0 }
    return try Sweep(axes: axes) { [language, tokens, counts, steps] at, _ in
      let token = tokens[at[0]]
      let count = counts.map { $0[at[1]] } ?? 1
      let step = steps.map { $0[at[at.count - 1]] } ?? 0
      func repeated(_ count: Int) -> TokenSequence {
        TokenSequence(language: language, .tokens([TokenName](repeating: token, count: count)))
      }
      let difference: [Probe.Term] = [
        .init(weight: Float(step), .sequence(repeated(count + 1))),
        .init(weight: -Float(step), .sequence(repeated(count))),
      ]
      return Probe(
        terms: [.init(.sequence(repeated(count)))] + (step == 0 ? [] : difference), decode: decode,
        expected: repeated(count + step))
    }
  }
}
