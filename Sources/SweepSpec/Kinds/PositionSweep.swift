import SonarModel

/// One content token among fillers, at each position: `dog _ _ _`, `_ dog _ _`, ...
///
/// Axes: token, filler, length (only where `lengths` is given), position (0 is the first content token). Beside the
/// embedding, the content token's states may be kept.
public struct PositionSweep: SweepKind {
  public static let name = "position"
  public static let summary = "a content token among fillers, at every position"

  private let language: LanguageCode
  private let tokens: TokenList
  private let fillers: TokenList
  /// Content tokens of the sequences, language token and `</s>` not counted.
  private let lengths: IntegerList
  private let hasLengthAxis: Bool
  /// All there are at each length, where nil.
  private let positions: IntegerList?
  /// Of the content token; nil for none.
  private let hiddenStates: [StateKind]?

  private enum CodingKeys: String, CodingKey {
    case language, tokens, fillers, lengths, positions
    case hasLengthAxis = "has_length_axis"
    case hiddenStates = "states"
  }

  public var states: [StateKind] { hiddenStates ?? [] }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let language = mapping.language(in: context)
    let tokens = mapping.tokens("tokens", "the content tokens, as [dog, cat]", in: context)
    let fillers = mapping.tokens("fillers", "the tokens around them, as [_, the]", in: context)
    let lengths = Self.lengths(mapping, limit: context.maxContentTokens)
    let positionsValue = mapping.optional("positions")
    let positions = IntegerList.positions(positionsValue, length: lengths?.bounds?.upperBound)
    let outputsValue = mapping.optional("outputs")
    let outputs = outputsValue.map(Self.outputs) ?? []
    guard let language, let tokens, let fillers, let lengths, let positions, let outputs else { return nil }
    self.language = language
    self.tokens = tokens
    self.fillers = fillers
    self.lengths = lengths
    self.positions = positionsValue.map { $0.isScalar } ?? true ? nil : positions
    hasLengthAxis = mapping.optional("lengths") != nil
    hiddenStates = outputs.isEmpty ? nil : outputs
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    try lengths.check("lengths", in: 1...maxSequenceLength)
    var axes = [tokens.axis("token"), fillers.axis("filler")]
    if hasLengthAxis { axes.append(lengths.axis("length")) }
    let positions = positions ?? IntegerList(0...(lengths.bounds?.upperBound ?? 1) - 1)
    axes.append(positions.axis("position"))
    return try Sweep(axes: axes) { [self] coordinates, _ in
      let filled = FilledSequence(language: language, length: hasLengthAxis ? lengths[coordinates[2]] : lengths[0])
      let position = positions[coordinates[coordinates.count - 1]]
      guard position >= 0, position < filled.length else { return nil }
      let sequence = filled(tokens[coordinates[0]], at: position, among: fillers[coordinates[1]])
      return Probe(
        terms: [.init(.sequence(sequence))], statePosition: states.isEmpty ? nil : position, decode: decode,
        expected: sequence)
    }
  }

  private static func lengths(_ mapping: YAMLMapping, limit: Int) -> IntegerList? {
    switch (mapping.optional("length"), mapping.optional("lengths")) {
    case (let length?, nil): return length.integer(in: 1...limit).map { IntegerList([$0]) }
    case (nil, let lengths?): return IntegerList(lengths, in: 1...limit)
    case (_?, let lengths?):
      lengths.report("'length' is given as well; keep one of the two")
      return nil
    default:
      mapping.report("give 'length' (how many content tokens) or 'lengths' (a list), one of the two")
      return nil
    }
  }

  /// The states among `[embedding, token_state, input_state]`, in the order a record has them.
  private static func outputs(_ value: YAMLValue) -> [StateKind]? {
    let words = value.distinctList { $0.choice(["embedding"] + StateKind.allCases.map(\.rawValue)) }
    guard let words else { return nil }
    guard words.contains("embedding") else {
      value.report("'embedding' is missing; it is always computed, and states beside it")
      return nil
    }
    return StateKind.allCases.filter { words.contains($0.rawValue) }
  }
}
