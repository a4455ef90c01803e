import SonarModel

/// How much noise an embedding bears: E(s) plus Gaussian noise of a length relative to its own, decoded back.
///
/// Axes: sentence, scale (the noise's L2 norm over the embedding's), seed.
public struct NoiseSweep: SweepKind {
  public static let name = "noise"
  public static let summary = "sequences with seeded Gaussian noise on their embeddings"

  private let language: LanguageCode
  private let sentences: SequenceList
  private let scales: NumberList
  private let seeds: IntegerList

  public var assets: [AssetReference] { sentences.asset.map { [$0] } ?? [] }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let language = mapping.language(in: context)
    let sentences = mapping.sequences(language: language, in: context)
    let scales = mapping.required("scales", "how long the noise is, relative to the embedding, as [0, 0.1, 0.2]")
      .flatMap { NumberList($0, in: 0...1e6) }
    let seeds = mapping.optional("seeds").map { IntegerList($0, in: 0...Int.max - 1) } ?? IntegerList([1])
    guard let language, let sentences, let scales, let seeds else { return nil }
    (self.language, self.sentences, self.scales, self.seeds) = (language, sentences, scales, seeds)
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    try seeds.check("seeds", in: 0...Int.max - 1)
    let loaded = try sentences.load(from: assets, language: language)
    let axes = [loaded.axis("sentence"), scales.axis("scale"), seeds.axis("seed")]
    return try Sweep(axes: axes) { [scales, seeds] at, _ in
      let sentence = loaded.sequences[at[0]]
      let scale = Float(scales[at[1]])
      return Probe(
        terms: [.init(.sequence(sentence))],
        noise: scale == 0 ? nil : Noise(scale: scale, seed: UInt64(seeds[at[2]])),
        decode: decode, expected: sentence)
    }
  }
}
