import Foundation
import SonarModel

/// What the official SONAR modules answered for a fixture's weights: `expected.json`.
struct ReferenceAnswers: Decodable {
  struct Text: Decodable {
    let text: String
    let language: LanguageCode
    let ids: [TokenID]
    let embedding: [Float]
  }

  struct Raw: Decodable {
    let ids: [TokenID]
    let embedding: [Float]
  }

  struct States: Decodable {
    let ids: [TokenID]
    /// [length × dim]
    let states: [Float]
  }

  struct Logits: Decodable {
    let embedding: [Float]
    let ids: [TokenID]
    /// Of the last position, [vocabulary].
    let lastLogits: [Float]
    /// The first 8 of every position.
    let first8: [[Float]]
  }

  struct Greedy: Decodable {
    let embedding: [Float]
    let language: LanguageCode
    let maxNewTokens: Int
    /// The two prompt tokens included.
    let ids: [TokenID]
    let logProbability: Float
  }

  struct Beam: Decodable {
    struct Hypothesis: Decodable {
      let ids: [TokenID]
      let score: Float
    }

    let embedding: [Float]
    let language: LanguageCode
    let beamSize: Int
    let maxNewTokens: Int
    let hypotheses: [Hypothesis]
  }

  let text: [Text]
  let raw: [Raw]
  let states: [States]
  let logits: [Logits]
  let greedy: [Greedy]
  let beam: [Beam]

  static func read(_ fixture: ReferenceFixture) throws -> Self {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Self.self, from: Data(contentsOf: fixture.directory.appending(path: "expected.json")))
  }
}

/// The largest difference of two vectors' values, divided by the second's norm.
func relativeDifference(_ ours: [Float], _ reference: [Float]) -> Float {
  guard ours.count == reference.count else { return .infinity }
  let norm = reference.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return zip(ours, reference).map { abs($0 - $1) }.reduce(0, max) / norm
}
