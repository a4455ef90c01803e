import Foundation
import SonarModel
import Testing

@Suite("A model's config")
struct ModelConfigTests {
  private let temporary: TemporaryDirectory

  init() throws { temporary = try TemporaryDirectory() }

  @Test("without language_tokens, the languages follow the tokenizer's pieces")
  func languagesFollowPieces() throws {
    let config = try temporary.file("config.json", Data(contentsOf: ReferenceFixture.small.config))
    #expect(refusal { try ModelConfig(contentsOf: config) }?.contains("sentencepiece.model") == true)
    try FileManager.default.copyItem(
      at: ReferenceFixture.small.tokenizer, to: temporary.url.appending(path: "sentencepiece.model"))
    #expect(try ModelConfig(contentsOf: config).languageTokens["eng_Latn"] == TokenID(701))
  }

  @Test(
    "numbers that cannot be are refused",
    arguments: [
      ("first_position", "-1"), ("sentencepiece_id_offset", "-1"), ("layer_norm_eps", "-1e-5"), ("num_heads", "0"),
      ("model_dim", "1e30"), ("vocab_size", "-707"), ("languages", "[]"), ("language_tokens", #"{"eng_Latn": 9999}"#),
      ("architecture", #""gpt""#),
    ])
  func nonsense(key: String, value: String) throws {
    var text = try String(contentsOf: ReferenceFixture.small.config, encoding: .utf8)
    text = text.replacingOccurrences(of: #""\#(key)":"#, with: #""was_\#(key)":"#)
    text = text.replacingOccurrences(of: "{\n", with: #"{"\#(key)": \#(value), "#)
    let config = try temporary.file("config.json", Array(text.utf8))
    try FileManager.default.copyItem(
      at: ReferenceFixture.small.tokenizer, to: temporary.url.appending(path: "sentencepiece.model"))
    #expect(throws: ModelError.self) { try ModelConfig(contentsOf: config) }
  }
}
