import SonarModel

/// How long a sequence may be: round trips of text, of one token repeated and of random tokens, by length.
///
/// Axes: form (`text`, `repeated`, `random`; only where several are given), length, sample. A unit is skipped where
/// there are not so many sentences of its length, or not so many tokens to repeat.
public struct LengthSweep: SweepKind {
  public static let name = "length"
  public static let summary = "sequences of growing length: text, a repeated token, random tokens"

  private enum Form: Hashable, Codable {
    /// For every length its sentences.
    case text([[[TokenID]]])
    case repeated(TokenList)
    case random(TokenList, seed: Int)

    var name: String {
      switch self {
      case .text: "text"
      case .repeated: "repeated"
      case .random: "random"
      }
    }
  }

  private let language: LanguageCode
  private let lengths: IntegerList
  private let samples: Int
  private let forms: [Form]

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let language = mapping.language(in: context)
    let lengths = mapping.required("lengths", "content tokens, as {from: 1, to: 64}")
      .flatMap { IntegerList($0, in: 1...context.maxContentTokens) }
    let samplesValue = mapping.optional("samples")
    let samples = samplesValue.map { $0.integer(in: 1...10_000) } ?? 10
    let (text, repeated, random) = (
      mapping.optional("text"), mapping.optional("repeated"), mapping.optional("random")
    )
    if text == nil, repeated == nil, random == nil {
      mapping.report("give at least one of 'text' (sequences), 'repeated' (tokens) and 'random' ({seed: 1})")
      return nil
    }
    let sentences = text.map { SequenceList($0, language: language, in: context) }
    let tokens = repeated.map { TokenList($0, in: context) }
    let drawn = random.map { value in value.mapping { Self.random($0, in: context) } }
    guard let language, let lengths, let samples else { return nil }
    var forms: [Form] = []
    for (value, form) in [
      (text, sentences.map { $0.flatMap { Self.byLength($0, language, lengths, samples, text, context) } }),
      (repeated, tokens.map { $0.map { .repeated($0) } }), (random, drawn),
    ] where value != nil {
      guard let form, let good = form else { return nil }
      forms.append(good)
    }
    (self.language, self.lengths, self.samples, self.forms) = (language, lengths, samples, forms)
  }

  private static func random(_ mapping: YAMLMapping, in context: JobContext) -> Form? {
    let seed = mapping.optional("seed").map { $0.integer(in: 0...Int.max - 1) } ?? 1
    let tokens = mapping.tokens("tokens", else: context.tokenizer.flatMap { TokenList($0.pieces) }, in: context)
    guard let seed, let tokens else { return nil }
    return .random(tokens, seed: seed)
  }

  /// The first sentences of every length.
  private static func byLength(
    _ list: SequenceList, _ language: LanguageCode, _ lengths: IntegerList, _ samples: Int, _ place: YAMLValue?,
    _ context: JobContext
  ) -> Form? {
    guard let tokenizer = context.tokenizer, let loaded = try? list.load(from: context.assets, language: language),
      let all = try? loaded.sequences.map({ try $0.contentIDs(in: tokenizer) })
    else { return nil }
    let byLength = Dictionary(grouping: all, by: \.count)
    let chosen = (0..<lengths.count).map { Array((byLength[lengths[$0]] ?? []).prefix(samples)) }
    if chosen.allSatisfy(\.isEmpty) {
      let known = byLength.keys.sorted()
      place?.report(
        "no sentence has one of the lengths; they have \(known.first ?? 0) to \(known.last ?? 0) tokens")
      return nil
    }
    return .text(chosen)
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    try lengths.check("lengths", in: 1...maxSequenceLength)
    for case .text(let chosen) in forms where chosen.count != lengths.count {
      throw SweepError("there are sentences for \(chosen.count) lengths, not \(lengths.count)")
    }
    for case .random(let tokens, let seed) in forms where tokens.count == 0 || seed < 0 {
      throw SweepError("random tokens need tokens to draw from, and a seed of 0 or more")
    }
    guard samples >= 1, !forms.isEmpty else { throw SweepError("there are no samples, or no forms") }
    var axes = [lengths.axis("length"), Axis("sample", .range(start: 0, count: samples))]
    if forms.count > 1 { axes.insert(Axis("form", .strings(forms.map(\.name))), at: 0) }
    return try Sweep(axes: axes) { [self] at, _ in
      let form = forms[forms.count > 1 ? at[0] : 0]
      guard let content = content(form, lengthIndex: at[at.count - 2], sample: at[at.count - 1]) else { return nil }
      let sequence = TokenSequence(language: language, .tokens(content))
      return Probe(terms: [.init(.sequence(sequence))], decode: decode, expected: sequence)
    }
  }

  private func content(_ form: Form, lengthIndex: Int, sample: Int) -> [TokenName]? {
    let length = lengths[lengthIndex]
    switch form {
    case .text(let chosen):
      let sentences = chosen[lengthIndex]
      return sample < sentences.count ? sentences[sample].map { .id($0) } : nil
    case .repeated(let tokens):
      return sample < tokens.count ? [TokenName](repeating: tokens[sample], count: length) : nil
    case .random(let tokens, let seed):
      var random = SeededRandom(UInt64(seed), UInt64(length), UInt64(sample))
      return (0..<length).map { _ in tokens[random.index(below: tokens.count)] }
    }
  }
}
