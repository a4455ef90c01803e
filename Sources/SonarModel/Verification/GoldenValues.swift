import Foundation
import TensorKernels

/// What the official SONAR modules answered for a model's weights, kept beside them as `golden.json`.
struct GoldenValues {
  private struct Case: Decodable {
    let text: String?
    let language: LanguageCode
    let ids: [TokenID]
    let embedding: [Float]
    let greedy: [String: Greedy]?
    let beam: [String: [Beam]]?
  }

  private struct Greedy: Decodable {
    let ids: [TokenID]
    let logProbability: Float
  }

  private struct Beam: Decodable {
    let ids: [TokenID]
    let score: Float
  }

  private static let file = "golden.json"
  private static let maximumSize = 256 << 20
  private static let embeddingTolerance: Float = 1e-4
  private static let scoreTolerance: Float = 1e-3

  private let model: SonarModel
  private let cases: [Case]

  static func exist(for directory: ModelDirectory) -> Bool {
    FileManager.default.fileExists(atPath: directory.url.appending(path: file).path)
  }

  /// Throws `ModelError` for a file that cannot be read.
  init(_ model: SonarModel) throws {
    self.model = model
    let url = model.directory.url.appending(path: Self.file)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let bytes = Data(try InputFile(url).all(atMost: Self.maximumSize))
    do {
      cases = try decoder.decode([Case].self, from: bytes)
    } catch {
      throw ModelError("\(url.path) is not a list of reference values: \(error)")
    }
  }

  func check(_ add: (ModelCheck) -> Void) throws {
    add(try ids())
    let embeddings = try model.encode(cases.map(\.ids))
    let worst = zip(embeddings, cases).map { $0.largestDifference(from: $1.embedding) }.max() ?? 0
    add(
      .pass(
        "golden embeddings", if: worst <= Self.embeddingTolerance,
        "\(cases.count) cases, largest difference \(worst.brief), at most \(Self.embeddingTolerance.brief)"))
    add(try greedy())
    add(try beam())
  }

  private func ids() throws -> ModelCheck {
    var (texts, wrong) = (0, 0)
    for golden in cases {
      guard let text = golden.text else { continue }
      texts += 1
      let prefix = [try model.tokenizer.token(of: golden.language)]
      if prefix + model.tokenizer.encode(text) + [Tokenizer.endOfSequence] != golden.ids { wrong += 1 }
    }
    return .pass("golden ids", if: wrong == 0, "\(texts - wrong) of \(texts) texts have the reference's ids")
  }

  private func greedy() throws -> ModelCheck {
    let all = cases.flatMap { golden in (golden.greedy ?? [:]).map { (golden, $0.key, $0.value) } }
    let answers = try decode(all.map { ($0.0.embedding, $0.1) }, .greedy)
    let right = zip(answers, all).count { answer, expected in
      answer.ids == expected.2.ids
        && abs(answer.logProbability - expected.2.logProbability) <= Self.scoreTolerance
    }
    return .pass(
      "golden greedy decodes", if: right == all.count,
      "\(right) of \(all.count) have the reference's ids and log-probability")
  }

  private func beam() throws -> ModelCheck {
    let all = cases.flatMap { golden in (golden.beam ?? [:]).map { (golden, $0.key, $0.value) } }
    let answers = try decode(all.map { ($0.0.embedding, $0.1) }, .beam(size: 5))
    let right = zip(answers, all).count { answer, expected in
      answer.hypotheses.map(\.ids) == expected.2.map(\.ids)
        && answer.hypotheses.map(\.score).largestDifference(from: expected.2.map(\.score)) <= Self.scoreTolerance
    }
    return .pass(
      "golden beam-5 decodes", if: right == all.count,
      "\(right) of \(all.count) have the reference's hypotheses and scores")
  }

  private func decode(_ inputs: [([Float], String)], _ method: DecodingMethod) throws -> [Generation] {
    let requests = try inputs.map { embedding, language in
      Generator<CPUBackend>.Request(
        embedding: embedding, language: try model.tokenizer.token(of: LanguageCode(language)), method: method,
        maxTokens: model.config.maxTargetTokens - 2)
    }
    var results = [Generation](repeating: Generation(ids: [], logProbability: .nan), count: requests.count)
    try model.generator.decode(requests) { results[$0] = $1 }
    return results
  }
}
