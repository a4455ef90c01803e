import Foundation
import SonarModel
import TensorKernels
import Testing

@Suite("Lower precisions of the embedded model")
struct PrecisionTests {
  @Test(
    "embeddings stay near float32's and most decodes are the reference's",
    arguments: [Precision.bf16: 0.9999, .int8: 0.999].filter { CPUBackend.precisions.contains($0.key) })
  func nearReference(precision: Precision, cosine: Double) throws {
    let model = try SonarModel(EmbeddedModel.directory, precision: precision)
    let cases = try EmbeddedModel.golden()
    for (golden, embedding) in zip(cases, try model.encode(cases.map(\.ids))) {
      #expect(Self.cosine(golden.embedding, embedding) > cosine, "\(golden.text ?? "\(golden.ids)")")
    }
    let requests = try cases.flatMap { golden in
      try golden.greedy.sorted { $0.key < $1.key }.map { language, expected in
        let token = try model.tokenizer.token(of: LanguageCode(language))
        let request = Generator<CPUBackend>.Request(
          embedding: golden.embedding, language: token, method: .greedy, maxTokens: 510)
        return (request, expected.ids)
      }
    }
    var same = 0
    try model.generator.decode(requests.map(\.0)) { same += $1.ids == requests[$0].1 ? 1 : 0 }
    #expect(Double(same) / Double(requests.count) > 0.9)
  }

  @Test("a precision has a fingerprint of its own")
  func fingerprints() throws {
    let fingerprints = try Precision.allCases.map { try EmbeddedModel.directory.fingerprint($0) }
    #expect(Set(fingerprints).count == Precision.allCases.count)
  }

  @Test(
    "packed weights in the cache give the bits of weights packed anew, and hashes are remembered until a file changes")
  func cache() throws {
    let precision = CPUBackend.precisions.last ?? .fp32
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    let cache = WeightCache(directory: root)
    let ids = [5197, 1738, 34, 1859, 3].map { TokenID($0) }
    let expected = try SonarModel(EmbeddedModel.directory, precision: precision).encode([ids])
    for _ in 0..<2 {
      #expect(try SonarModel(EmbeddedModel.directory, precision: precision, cache: cache).encode([ids]) == expected)
    }
    let fingerprint = try EmbeddedModel.directory.fingerprint(precision)
    #expect(FileManager.default.fileExists(atPath: cache.url(for: fingerprint).path))

    let copy = ModelDirectory(name: "copy", url: root.appending(path: "copy"))
    try FileManager.default.copyItem(at: EmbeddedModel.directory.url, to: copy.url)
    #expect(try copy.fingerprint(precision, cache: cache) == fingerprint)
    let config = copy.url.appending(path: "config.json")
    try (Data(contentsOf: config) + Data(" ".utf8)).write(to: config)
    let changed = try copy.fingerprint(precision, cache: cache)
    #expect(changed == (try copy.fingerprint(precision)))
    #expect(changed != fingerprint)

    cache.removeWeights(of: EmbeddedModel.directory)
    #expect(!FileManager.default.fileExists(atPath: cache.url(for: fingerprint).path))
  }

  private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
  }
}
