import SonarModel

/// What lies between two sequences: (1 - alpha) × E(a) + alpha × E(b).
///
/// Axes: pair, alpha. Success is the nearer end; half way there is none.
public struct InterpolationSweep: SweepKind {
  public static let name = "interpolation"
  public static let summary = "the straight line between the embeddings of two sequences"

  /// The languages of a pair's first and second sequence.
  private struct Languages: Codable, Hashable {
    let first: LanguageCode
    let second: LanguageCode
  }

  private let languages: Languages
  private let firsts: SequenceList
  private let seconds: SequenceList
  private let alphas: NumberList

  public var assets: [AssetReference] { [firsts, seconds].compactMap(\.asset) }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let languages = Self.languages(mapping, in: context)
    let firsts = mapping.required("from", "the sequences at alpha 0, as [the dog sleeps] or {file: corpus.tsv}")
      .flatMap { SequenceList($0, language: languages?.first, distinct: false, in: context) }
    let to = mapping.required("to", "the sequences at alpha 1, as many")
    let seconds = to.flatMap { SequenceList($0, language: languages?.second, distinct: false, in: context) }
    let alphas = mapping.required("alphas", "how far from the first to the second, as {from: 0, to: 1, step: 0.1}")
      .flatMap { NumberList($0) }
    guard let languages, let firsts, let seconds, let alphas else { return nil }
    (self.languages, self.firsts, self.seconds, self.alphas) = (languages, firsts, seconds, alphas)
    do {
      _ = try pairs(context.assets)
    } catch {
      to?.report("\(error)")
      return nil
    }
  }

  private static func languages(_ mapping: YAMLMapping, in context: JobContext) -> Languages? {
    switch (mapping.optional("language"), mapping.optional("languages")) {
    case (let one?, nil): return context.language(one).map { Languages(first: $0, second: $0) }
    case (nil, let two?):
      guard let codes = two.list()?.compactMapAll(context.language) else { return nil }
      if codes.count == 2 { return Languages(first: codes[0], second: codes[1]) }
      two.report("\(codes.count) languages were found; give two, those of 'from' and 'to'")
    case (_?, let two?): two.report("'language' is given as well; keep one of the two")
    default: mapping.report("give 'language' or 'languages' (those of 'from' and 'to'), one of the two")
    }
    return nil
  }

  private func pairs(_ assets: Assets) throws -> (from: LoadedSequences, to: LoadedSequences) {
    let from = try firsts.load(from: assets, language: languages.first)
    let to = try seconds.load(from: assets, language: languages.second)
    guard from.sequences.count == to.sequences.count else {
      throw SweepError(
        "'to' has \(to.sequences.count) sequences, 'from' has \(from.sequences.count); they are paired one to one")
    }
    let labels = Self.labels(from.labels, to.labels)
    guard Set((0..<labels.count).map(labels.label)).count == labels.count else {
      throw SweepError("a pair of 'from' and 'to' stands there twice; each stands there once")
    }
    return (from, to)
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    let (from, to) = try pairs(assets)
    return try Sweep(axes: [Axis("pair", Self.labels(from.labels, to.labels)), alphas.axis("alpha")]) {
      [alphas] at, _ in
      let (a, b, alpha) = (from.sequences[at[0]], to.sequences[at[0]], alphas[at[1]])
      return Probe(
        terms: [.init(weight: Float(1 - alpha), .sequence(a)), .init(weight: Float(alpha), .sequence(b))],
        decode: decode, expected: alpha < 0.5 ? a : alpha > 0.5 ? b : nil)
    }
  }

  /// `a > b`; just a where both are called the same, as two columns of a file are.
  private static func labels(_ a: Axis.Values, _ b: Axis.Values) -> Axis.Values {
    a == b ? a : .strings((0..<a.count).map { "\(a.label(at: $0)) > \(b.label(at: $0))" })
  }
}
