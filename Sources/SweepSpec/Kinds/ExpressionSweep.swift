import SonarModel

/// Any linear combination of sequences and named vectors, written out, over axes of the user's own.
///
/// Axes: those of `axes`, in that order. Success is what `expect` says, under the sweep's language.
public struct ExpressionSweep: SweepKind {
  public static let name = "expression"
  public static let summary = "any linear combination of sequences and vectors, over axes of your own"

  private let axes: [ExpressionAxis]
  private let text: ExpressionText
  /// Those the expression uses.
  private let used: [VectorReference]

  private enum CodingKeys: String, CodingKey {
    case axes, text
    case used = "vectors"
  }

  public var vectors: [VectorReference] { used }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let entries = mapping.required("axes", "names and their values, as {word: [dog, cat], alpha: [0, 1]}")?.entries()
    let axes = entries?.compactMapAll { ExpressionAxis($0.key, $0.value, in: context) }
    guard let read = ExpressionText.read(mapping), let entries, let axes else { return nil }
    (self.axes, text) = (axes, read.text)

    // One axis may be used in several places; its mistakes are reported once.
    let places = entries.map(\.value)
    guard Self.areDistinct(axes, places),
      let compiled = CompiledExpression(
        text, axes, vectors: context.vectors, languages: context.tokenizer?.languages, report: read.report),
      compiled.check(in: context, axes: places, report: read.report)
    else { return nil }
    used = compiled.vectorNames.sorted().compactMap { context.vectors[$0] }
  }

  /// SQL, in which results may be asked for, does not tell `a` from `A`.
  private static func areDistinct(_ axes: [ExpressionAxis], _ places: [YAMLValue]) -> Bool {
    var seen: Set<String> = []
    for (axis, place) in zip(axes, places) where !seen.insert(axis.name.lowercased()).inserted {
      place.report("there is an axis '\(axis.name)' already, in other letters; choose another name")
      return false
    }
    return true
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    if let problem = axes.lazy.compactMap({ ExpressionAxis.problem(of: $0.name) }).first { throw SweepError(problem) }
    guard Set(axes.map { $0.name.lowercased() }).count == axes.count else { throw SweepError("two axes have one name") }
    let vectors = Dictionary(used.map { ($0.name, $0) }) { first, _ in first }
    var problem = ""
    let compiled = CompiledExpression(text, axes, vectors: vectors, languages: nil) { problem = "\($0): \($1)" }
    guard let compiled else { throw SweepError(problem) }
    let loaded = try LoadedVectors(used, from: assets)
    return try Sweep(axes: axes.map(\.axis)) { coordinates, _ in
      compiled.probe(at: coordinates, vectors: loaded, decode: decode)
    }
  }
}
