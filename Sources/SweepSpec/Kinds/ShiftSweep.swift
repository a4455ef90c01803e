import SonarModel

/// Does the difference of two positions, taken on one token, move another? E(b, g, p) + E(a, f, q) - E(a, f, p), where
/// E(t, f, p) embeds token t at position p among fillers f; success is b at q among g.
///
/// Axes: token (a), target_token (b), filler (f), target_filler (g), from (p), to (q). Units with p = q are skipped.
public struct ShiftSweep: SweepKind {
  public static let name = "shift"
  public static let summary = "moves a token by the difference of two positions, taken on another token or filler"

  private let language: LanguageCode
  private let tokens: TokenList
  private let targetTokens: TokenList
  private let fillers: TokenList
  private let targetFillers: TokenList
  private let length: Int
  private let from: IntegerList
  private let to: IntegerList
  /// Whether units with a = b are skipped.
  private let skipSameToken: Bool

  private enum CodingKeys: String, CodingKey {
    case language, tokens, fillers, length, from, to
    case targetTokens = "target_tokens"
    case targetFillers = "target_fillers"
    case skipSameToken = "skip_same_token"
  }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let language = mapping.language(in: context)
    let tokens = mapping.tokens("tokens", "the tokens a shift is taken on, as [dog, cat]", in: context)
    let targetTokens = mapping.tokens("target_tokens", else: tokens, in: context)
    let fillers = mapping.tokens("fillers", "the tokens around them, as [_, the]", in: context)
    let targetFillers = mapping.tokens("target_fillers", else: fillers, in: context)
    let length = mapping.length(in: context)
    let from = IntegerList.positions(mapping.optional("from"), length: length)
    let to = IntegerList.positions(mapping.optional("to"), length: length)
    let skip = mapping.optional("skip_same_token").map { $0.boolean() } ?? false
    guard let language, let tokens, let targetTokens, let fillers, let targetFillers, let length, let from, let to,
      let skip
    else { return nil }
    (self.language, self.length, self.from, self.to, skipSameToken) = (language, length, from, to, skip)
    (self.tokens, self.targetTokens) = (tokens, targetTokens)
    (self.fillers, self.targetFillers) = (fillers, targetFillers)
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    guard (1...maxSequenceLength).contains(length) else { throw SweepError("the length \(length) is wrong") }
    try from.check("from", in: 0...length - 1)
    try to.check("to", in: 0...length - 1)
    let axes = [
      tokens.axis("token"), targetTokens.axis("target_token"), fillers.axis("filler"),
      targetFillers.axis("target_filler"), from.axis("from"), to.axis("to"),
    ]
    return try Sweep(axes: axes) { [self] at, _ in
      let (a, b, f, g) = (tokens[at[0]], targetTokens[at[1]], fillers[at[2]], targetFillers[at[3]])
      let (p, q) = (from[at[4]], to[at[5]])
      guard p != q, !skipSameToken || a != b else { return nil }
      let filled = FilledSequence(language: language, length: length)
      return Probe(
        terms: [
          .init(.sequence(filled(b, at: p, among: g))),
          .init(.sequence(filled(a, at: q, among: f))),
          .init(weight: -1, .sequence(filled(a, at: p, among: f))),
        ], decode: decode, expected: filled(b, at: q, among: g))
    }
  }
}
