import SonarModel

/// Does a shift averaged over many tokens and fillers move a token? E(b, g, p) + scale × (table[q] - table[p]), where the
/// table has a vector per position, such as the mean embedding of a run by position; success is b at q among g.
///
/// Axes: token (b), filler (g), from (p), to (q), scale (only where `scales` is given). Units with p = q are skipped. What
/// differs between tokens and fillers cancels in the mean, which is shorter than a single shift: hence the scales.
public struct AverageShiftSweep: SweepKind {
  public static let name = "average-shift"
  public static let summary = "moves a token by the difference of two rows of a table of vectors over positions"

  private let shifts: VectorReference
  private let language: LanguageCode
  private let tokens: TokenList
  private let fillers: TokenList
  private let length: Int
  private let from: IntegerList
  private let to: IntegerList
  /// 1, and no axis, where nil.
  private let scales: NumberList?

  public var vectors: [VectorReference] { [shifts] }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let shiftsValue = mapping.required("shifts", "a table of the 'vectors' section with a row per position")
    let shifts = shiftsValue.flatMap(context.vector)
    let language = mapping.language(in: context)
    let tokens = mapping.tokens("tokens", "the tokens to move, as [dog, cat]", in: context)
    let fillers = mapping.tokens("fillers", "the tokens around them, as [_, the]", in: context)
    let length = mapping.length(in: context)
    let from = IntegerList.positions(mapping.optional("from"), length: length)
    let to = IntegerList.positions(mapping.optional("to"), length: length)
    let scalesValue = mapping.optional("scales")
    let scales = scalesValue.flatMap { NumberList($0) }
    guard let shifts, let language, let tokens, let fillers, let length, let from, let to,
      (scales == nil) == (scalesValue == nil)
    else { return nil }
    (self.shifts, self.language, self.tokens, self.fillers) = (shifts, language, tokens, fillers)
    (self.length, self.from, self.to, self.scales) = (length, from, to, scales)
    if let problem { shiftsValue?.report(problem) }
    if problem != nil { return nil }
  }

  /// What is wrong with the table; nil where nothing is.
  private var problem: String? {
    guard let rows = shifts.rows else { return "'\(shifts.name)' is a single vector; a table over positions is needed" }
    let known = Set(rows)
    let missing = Set([from, to].flatMap { list in (0..<list.count).map { list[$0] } }).sorted().map(String.init)
      .filter { !known.contains($0) }
    guard !missing.isEmpty else { return nil }
    return "'\(shifts.name)' has no row for position \(missing.prefix(5).joined(separator: ", ")); its rows are "
      + rows.prefix(20).joined(separator: ", ") + (rows.count > 20 ? ", ..." : "")
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    guard (1...maxSequenceLength).contains(length) else { throw SweepError("the length \(length) is wrong") }
    try from.check("from", in: 0...length - 1)
    try to.check("to", in: 0...length - 1)
    if let problem { throw SweepError(problem) }
    let table = try shifts.table(in: assets)
    func rows(_ list: IntegerList) throws -> [NamedVector] {
      try (0..<list.count).map { i in
        guard let row = table[String(list[i])] else { throw SweepError("'\(shifts.name)' has no row '\(list[i])'") }
        return row
      }
    }
    let (fromRows, toRows) = (try rows(from), try rows(to))
    var axes = [tokens.axis("token"), fillers.axis("filler"), from.axis("from"), to.axis("to")]
    if let scales { axes.append(scales.axis("scale")) }
    return try Sweep(axes: axes) { [self] at, _ in
      let (token, filler, p, q) = (tokens[at[0]], fillers[at[1]], from[at[2]], to[at[3]])
      guard p != q else { return nil }
      let scale = scales.map { Float($0[at[4]]) } ?? 1
      let filled = FilledSequence(language: language, length: length)
      return Probe(
        terms: [
          .init(.sequence(filled(token, at: p, among: filler))),
          .init(weight: scale, .vector(toRows[at[3]])),
          .init(weight: -scale, .vector(fromRows[at[2]])),
        ], decode: decode, expected: filled(token, at: q, among: filler))
    }
  }
}
