import Foundation
import SonarModel
import Testing

@Suite("Verifying a model")
struct ModelVerificationTests {
  @Test("the embedded model passes: files, ids, embeddings, greedy and beam decodes")
  func embedded() {
    let checks = ModelVerification(EmbeddedModel.directory).run()
    #expect(checks.allSatisfy { $0.outcome == .pass }, "\(checks)")
    #expect(checks.count { $0.name.hasPrefix("golden") } == 4)
  }

  @Test("without reference values it says what could not be checked; a changed file and wrong values fail")
  func others() throws {
    let temporary = try TemporaryDirectory()
    let model = try ReferenceFixture.small.modelImport().write(into: temporary.url)
    var checks = ModelVerification(model).run()
    #expect(!checks.contains { $0.outcome == .fail })
    #expect(checks.filter { $0.outcome == .skipped }.map(\.name) == ["values"])

    let golden = #"[{"text": "x", "language": "eng_Latn", "ids": [701, 5, 3], "embedding": [1, 2]}]"#
    try Data(golden.utf8).write(to: model.url.appending(path: "golden.json"))
    checks = ModelVerification(model).run()
    #expect(checks.filter { $0.outcome == .fail }.map(\.name) == ["golden ids", "golden embeddings"])

    try Data("{".utf8).write(to: model.url.appending(path: "golden.json"))
    #expect(ModelVerification(model).run().filter { $0.outcome == .fail }.map(\.name) == ["run"])

    let tokenizer = model.url.appending(path: "sentencepiece.model")
    try (Data(contentsOf: tokenizer) + [0]).write(to: tokenizer)
    #expect(
      ModelVerification(model).run().contains { $0.name == "file sentencepiece.model" && $0.outcome == .fail })
  }
}
