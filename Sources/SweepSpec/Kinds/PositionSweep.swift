import SonarModel

/// One content token among fillers, at each position: `dog _ _ _`, `_ dog _ _`, ...
///
/// Axes: token, filler, length (only where several lengths are given), position (0 is the first content token).
public struct PositionSweep: SweepKind {
  public static let name = "position"
  public static let summary = "a content token among fillers, at every position"

  private let language: LanguageCode
  private let tokens: TokenList
  private let fillers: TokenList
  /// Content tokens of the sequences, language token and `</s>` not counted.
  private let lengths: [Int]
  private let hasLengthAxis: Bool
  /// All there are at each length, where nil.
  private let positions: [Int]?

  private enum CodingKeys: String, CodingKey {
    case language, tokens, fillers, lengths, positions
    case hasLengthAxis = "has_length_axis"
  }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let language = mapping.required("language", "the language token the sequences stand under, as eng_Latn")
      .flatMap(context.language)
    let tokens = mapping.required("tokens", "the content tokens, as [dog, cat]").flatMap { TokenList($0, in: context) }
    let fillers = mapping.required("fillers", "the tokens around them, as [_, the]").flatMap {
      TokenList($0, in: context)
    }
    let lengths = Self.lengths(mapping, limit: context.maxContentTokens)
    let positions = Self.positions(mapping.optional("positions"), longest: lengths?.max())
    guard let language, let tokens, let fillers, let lengths, let positions else { return nil }
    self.language = language
    self.tokens = tokens
    self.fillers = fillers
    self.lengths = lengths
    self.positions = positions.list
    hasLengthAxis = mapping.optional("lengths") != nil
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    guard let longest = lengths.max(), lengths.allSatisfy({ $0 >= 1 }), longest < 1 << 16 else {
      throw SweepError("lengths must be 1 or more")
    }
    let positionAxis: Axis =
      positions.map { Axis("position", .integers($0)) } ?? Axis("position", .range(start: 0, count: longest))
    var axes = [tokens.axis("token"), fillers.axis("filler")]
    if hasLengthAxis { axes.append(Axis("length", .integers(lengths))) }
    axes.append(positionAxis)
    return try Sweep(axes: axes) { [self] coordinates, _ in
      let length = hasLengthAxis ? lengths[coordinates[2]] : lengths[0]
      let last = coordinates[coordinates.count - 1]
      let position = positions?[last] ?? last
      guard position >= 0, position < length else { return nil }
      var content = [TokenName](repeating: fillers[coordinates[1]], count: length)
      content[position] = tokens[coordinates[0]]
      let sequence = TokenSequence(language: language, .tokens(content))
      return Probe(
        terms: [.init(.sequence(sequence))],
        decodes: decode?.requests { $0 == language ? sequence : nil } ?? [])
    }
  }

  private static func lengths(_ mapping: YAMLMapping, limit: Int) -> [Int]? {
    switch (mapping.optional("length"), mapping.optional("lengths")) {
    case (let length?, nil): return length.integer(in: 1...limit).map { [$0] }
    case (nil, let lengths?): return lengths.distinctList { $0.integer(in: 1...limit) }
    case (_?, let lengths?):
      lengths.report("'length' is given as well; keep one of the two")
      return nil
    default:
      mapping.report("give 'length' (how many content tokens) or 'lengths' (a list), one of the two")
      return nil
    }
  }

  /// What a job says of positions: a list, or nil for all.
  private struct ReadPositions {
    let list: [Int]?
  }

  /// Returns nil after reporting a mistake.
  private static func positions(_ value: YAMLValue?, longest: Int?) -> ReadPositions? {
    guard let value else { return ReadPositions(list: nil) }
    if value.isScalar {
      if value.text == "all" { return ReadPositions(list: nil) }
      value.report("\(value.found) was found; 'all' or a list, as [0, 5, 10], is needed")
      return nil
    }
    guard let last = longest.map({ $0 - 1 }) else { return nil }
    return value.distinctList { $0.integer(in: 0...last) }.map { ReadPositions(list: $0) }
  }
}
