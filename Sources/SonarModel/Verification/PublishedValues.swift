import TensorKernels

/// What Meta's SONAR answers, as published in the tests and the README of the SONAR repository and with its Hugging
/// Face port.
struct PublishedValues {
  private static let english = ["Hello, my name is Paul", "I'm working as a teacher"]
  private static let french = ["Bonjour, mon nom est Paul", "Je travaille comme professeur."]
  private static let cosines: [[Float]] = [[0.9367, 0.3658], [0.3787, 0.8596]]
  /// After `</s>`, and after `</s>` 333: the first four logits, and the last ones.
  private static let logits: [(ids: [Int], first: [Float], last: [Float])] = [
    ([3], [-1.4572, -2.7325, -1.0546, 0.7818], [0.8982, 0.4996, -0.1487]),
    ([3, 333], [2.4092, 6.9624, 3.6308, 9.4825], [3.8826, 3.8777, 3.2820, 3.3275]),
  ]
  private static let start: [Float] = [-0.005286, 0.002008, -0.000562, 0.006344, 0.006329]
  /// The values have four digits after the point.
  private static let tolerance: Float = 1e-4
  private static let startTolerance: Float = 1e-3

  private let model: SonarModel

  init(_ model: SonarModel) { self.model = model }

  /// Whether a model claims to be Meta's: it has SONAR basic's sizes and the languages the values need.
  static func apply(to model: SonarModel) -> Bool {
    let config = model.config
    let sizes = ModelSizes(
      modelDim: config.modelDim, vocabulary: config.vocabularySize, encoderLayers: config.encoderLayers,
      decoderLayers: config.decoderLayers, feedForwardDim: config.feedForwardDim)
    return sizes == .sonarBasic && config.heads == 16 && Set(config.languages).isSuperset(of: ["eng_Latn", "fra_Latn"])
  }

  func check(_ add: (ModelCheck) -> Void) throws {
    let english = try embeddings(Self.english, "eng_Latn")
    checkCosines(english, try embeddings(Self.french, "fra_Latn"), add)
    let start = try embeddings(["My name is SONAR."], "eng_Latn")[0].prefix(Self.start.count)
    let difference = Array(start).largestDifference(from: Self.start)
    add(
      .pass(
        "published embedding", if: difference <= Self.startTolerance,
        "'My name is SONAR.': largest difference \(difference.brief), at most \(Self.startTolerance.brief)"))
    for (ids, first, last) in Self.logits {
      let logits = try model.logits(embedding: english[0], after: ids.map { TokenID($0) })
      let difference = max(
        Array(logits.prefix(first.count)).largestDifference(from: first),
        Array(logits.suffix(last.count)).largestDifference(from: last))
      add(
        .pass(
          "published logits after \(ids.map(String.init).joined(separator: " "))", if: difference <= Self.tolerance,
          "largest difference \(difference.brief), at most \(Self.tolerance.brief)"))
    }
    try checkTranslations(english, add)
  }

  private func checkCosines(_ english: [[Float]], _ french: [[Float]], _ add: (ModelCheck) -> Void) {
    for (i, row) in Self.cosines.enumerated() {
      for (j, expected) in row.enumerated() {
        let cosine = english[i].cosine(with: french[j])
        // The published value is rounded, and not-a-number fails too.
        add(
          .pass(
            "published cosine", if: abs(cosine - expected) <= Self.tolerance,
            "'\(Self.english[i])' and '\(Self.french[j])': \(cosine), published \(expected)"))
      }
    }
  }

  private func checkTranslations(_ english: [[Float]], _ add: (ModelCheck) -> Void) throws {
    let language = try model.tokenizer.token(of: "fra_Latn")
    let requests = english.map {
      Generator<CPUBackend>.Request(
        embedding: $0, language: language, method: .beam(size: 5), maxTokens: model.config.maxTargetTokens - 2)
    }
    var texts = [String](repeating: "", count: requests.count)
    try model.generator.decode(requests) { texts[$0] = model.tokenizer.decode($1.ids) }
    for (i, text) in texts.enumerated() {
      add(.pass("published translation", if: text == Self.french[i], "'\(Self.english[i])': '\(text)'"))
    }
  }

  private func embeddings(_ texts: [String], _ language: LanguageCode) throws -> [[Float]] {
    let token = try model.tokenizer.token(of: language)
    return try model.encode(texts.map { [token] + model.tokenizer.encode($0) + [Tokenizer.endOfSequence] })
  }
}
