import Foundation
import SonarModel

/// What the official SONAR modules (sonar-space 0.4, fp32) answered for the embedded model's weights.
struct GoldenCase: Decodable, Sendable {
  struct Greedy: Decodable, Sendable {
    let ids: [TokenID]
    let logProbability: Float
    let text: String
  }

  struct Beam: Decodable, Sendable {
    let ids: [TokenID]
    let score: Float
  }

  let text: String?
  let pieces: [String]?
  let language: LanguageCode
  let ids: [TokenID]
  let embedding: [Float]
  let greedy: [String: Greedy]
  let beam: [String: [Beam]]
}

enum EmbeddedModel {
  static let directory = ModelDirectory(
    name: "sonar-mini",
    url: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models/sonar-mini")
      .standardizedFileURL)

  static func golden() throws -> [GoldenCase] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([GoldenCase].self, from: Data(contentsOf: directory.url.appending(path: "golden.json")))
  }
}
