import SonarModel

/// What decodes along a direction: E(s) + alpha × vector, or alpha × E(s) where no vector is named.
///
/// Axes: sentence, vector (only where `vectors` is given), alpha. Success is the sentence unchanged.
public struct ScaleSweep: SweepKind {
  public static let name = "scale"
  public static let summary = "sequences moved along named vectors, or scaled themselves"

  private let language: LanguageCode
  private let sentences: SequenceList
  private let directions: [VectorReference]
  private let hasVectorAxis: Bool
  private let alphas: NumberList

  private enum CodingKeys: String, CodingKey {
    case language, sentences, alphas
    case directions = "vectors"
    case hasVectorAxis = "has_vector_axis"
  }

  public var vectors: [VectorReference] { directions }
  public var assets: [AssetReference] { (sentences.asset.map { [$0] } ?? []) + vectors.map(\.asset) }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let language = mapping.language(in: context)
    let sentences = mapping.sequences(language: language, in: context)
    let alphas = mapping.required("alphas", "the factors, as [0, 0.5, 1] or {from: 0, to: 1, step: 0.1}")
      .flatMap { NumberList($0) }
    let directions = Self.directions(mapping, in: context)
    guard let language, let sentences, let alphas, let directions else { return nil }
    (self.language, self.sentences, self.alphas, self.directions) = (language, sentences, alphas, directions)
    hasVectorAxis = mapping.optional("vectors") != nil
  }

  private static func directions(_ mapping: YAMLMapping, in context: JobContext) -> [VectorReference]? {
    let single = { (value: YAMLValue) -> VectorReference? in
      guard let vector = context.vector(value) else { return nil }
      if vector.rows == nil { return vector }
      value.report("'\(vector.name)' is a table of vectors; a single one is needed")
      return nil
    }
    switch (mapping.optional("vector"), mapping.optional("vectors")) {
    case (nil, nil): return []
    case (let vector?, nil): return single(vector).map { [$0] }
    case (nil, let vectors?): return vectors.distinctList(single)
    case (_?, let vectors?):
      vectors.report("'vector' is given as well; keep one of the two")
      return nil
    }
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    let loaded = try sentences.load(from: assets, language: language)
    let directions = try directions.map { try $0.vector(in: assets) }
    guard hasVectorAxis || directions.count <= 1 else { throw SweepError("several vectors need an axis") }
    var axes = [loaded.axis("sentence")]
    if hasVectorAxis { axes.append(Axis("vector", .strings(directions.map(\.name)))) }
    axes.append(alphas.axis("alpha"))
    return try Sweep(axes: axes) { [alphas, hasVectorAxis] at, _ in
      let sentence = loaded.sequences[at[0]]
      let alpha = Float(alphas[at[at.count - 1]])
      let terms: [Probe.Term] =
        directions.isEmpty
        ? [.init(weight: alpha, .sequence(sentence))]
        : [.init(.sequence(sentence)), .init(weight: alpha, .vector(directions[hasVectorAxis ? at[1] : 0]))]
      return Probe(terms: terms, decode: decode, expected: sentence)
    }
  }
}
