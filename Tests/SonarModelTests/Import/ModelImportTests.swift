import Foundation
import SonarModel
import Testing

@Suite("An import is complete or not there, and says what is wrong")
struct ModelImportTests {
  private let temporary: TemporaryDirectory
  private let fixture = ReferenceFixture.small

  init() throws { temporary = try TemporaryDirectory() }

  @Test("the directory has config, weights, tokenizer, card and hashes that agree")
  func contents() throws {
    let model = try fixture.modelImport(name: "sonar").write(into: temporary.url)
    #expect(
      Set(try FileManager.default.contentsOfDirectory(atPath: model.url.path))
        == ["README.md", "SHA256SUMS", "config.json", "model.safetensors", "sentencepiece.model"])
    #expect(try model.checkSums().values.allSatisfy { $0 == .ok })
    let card = try String(contentsOf: model.url.appending(path: "README.md"), encoding: .utf8)
    #expect(card.contains("CC-BY-NC-4.0"))
    #expect(card.contains(try model.sha256(of: "model.safetensors")))
    #expect(card.contains("| encoder | `encoder.pt` | 186221 |"))
    let config = try model.config()
    #expect(config.languageTokens == ["eng_Latn": TokenID(701), "spa_Latn": TokenID(702), "fra_Latn": TokenID(703)])
  }

  @Test("a name that is taken is left alone, and replaced only when asked")
  func replacing() throws {
    let model = try fixture.modelImport().write(into: temporary.url)
    let card = model.url.appending(path: "README.md")
    try Data("mine".utf8).write(to: card)
    #expect(refusal { try fixture.modelImport().write(into: temporary.url) }?.contains("--replace") == true)
    #expect(try Data(contentsOf: card) == Data("mine".utf8))
    _ = try fixture.modelImport().write(into: temporary.url, replacing: true)
    #expect(try Data(contentsOf: card) != Data("mine".utf8))
    try Data().write(to: model.url.appending(path: "thesis.tex"))
    #expect(
      refusal { try fixture.modelImport().write(into: temporary.url, replacing: true) }?.contains("thesis.tex") == true)
    #expect(temporary.names == ["model"])
  }

  @Test("an import that is stopped leaves nothing")
  func stopped() throws {
    struct Stop: Error {}
    for limit in [0, 300_000, 500_000] {
      #expect(throws: Stop.self) {
        try fixture.modelImport().write(into: temporary.url) { progress in
          if progress.done > limit { throw Stop() }
        }
      }
      #expect(temporary.names == [])
    }
  }

  @Test("progress grows to its end")
  func progress() throws {
    var seen: [ImportProgress] = []
    _ = try fixture.modelImport().write(into: temporary.url) { seen.append($0) }
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.done < $1.done })
    #expect(seen.last.map { $0.done == $0.total } == true)
  }

  @Test("halves that were swapped are told apart, in every form", arguments: ReferenceFixture.Form.allCases)
  func swapped(form: ReferenceFixture.Form) {
    let fixture = fixture.with(form)
    #expect(
      refusal { try fixture.modelImport(encoder: fixture.decoder, decoder: fixture.encoder).plan() }?
        .contains("holds a decoder and no encoder; were --encoder and --decoder swapped?") == true)
  }

  @Test("a missing tensor and a wrong shape are named, with what was looked for")
  func tensors() throws {
    var file = try TensorFile(reading: fixture.with(.huggingFace).encoder)
    let norm = try #require(file.tensors["layers.1.final_layer_norm.bias"])
    file.tensors["layers.1.final_layer_norm.bias"] = nil
    #expect(try encoderRefusal(file)?.contains("'layers.1.final_layer_norm.bias' is missing") == true)
    file.tensors["layers.1.final_layer_norm.bias"] = .init(shape: [2, 16], bytes: norm.bytes)
    #expect(try encoderRefusal(file)?.contains("'layers.1.final_layer_norm.bias' has shape [2, 16]") == true)
    file.tensors["layers.1.final_layer_norm.bias"] = .init(type: "I32", shape: norm.shape, bytes: norm.bytes)
    #expect(try encoderRefusal(file)?.contains("has element type I32; F32, F16 and BF16") == true)
    file.tensors["layers.1.final_layer_norm.bias"] = norm
    file.tensors["embed_tokens.weight"] = nil
    #expect(try encoderRefusal(file)?.contains("looked for embed_tokens.weight, model.shared.weight") == true)
    #expect(try encoderRefusal(TensorFile([:]))?.contains("has no layers of the encoder") == true)
  }

  @Test("more layers than a file holds, or a number that is none, are refused")
  func layers() throws {
    var file = try TensorFile(reading: fixture.with(.huggingFace).encoder)
    file.tensors["layers.999999999999.fc1.bias"] = .init(shape: [0], bytes: [])
    #expect(try encoderRefusal(file)?.contains("is not a layer's tensor") == true)
    file.tensors["layers.999999999999.fc1.bias"] = nil
    file.tensors["layers.7.fc1.bias"] = .init(shape: [0], bytes: [])
    #expect(try encoderRefusal(file)?.contains("num_encoder_layers is 2, but the tensors' is 8") == true)
    let config = try temporary.file(
      "heads.json", Array(#"{"model_dim": 32, "num_heads": 4, "languages": ["a", "b", "c"]}"#.utf8))
    #expect(
      try encoderRefusal(file, config: config)?.contains("'layers.2.self_attn.q_proj.weight' is missing") == true)
  }

  @Test(
    "a config that differs from the tensors, or from SONAR, is refused",
    arguments: [
      (#"{"model_dim": 64, "num_heads": 4, "languages": ["a"]}"#, "model_dim is 64, but the tensors' is 32"),
      (#"{"model_dim": 32, "vocab_size": 700}"#, "vocab_size is 700, but the tensors' is 707"),
      (#"{"model_dim": 32, "ffn_inner_dim": 97}"#, "ffn_inner_dim is 97, but the tensors' is 96"),
      (#"{"model_dim": 32, "num_encoder_layers": 3}"#, "num_encoder_layers is 3, but the tensors' is 2"),
      (#"{"d_model": 32, "decoder_layers": 12}"#, "decoder_layers is 12, but the tensors' is 2"),
      (#"{"d_model": 32, "encoder_attention_heads": 4, "decoder_attention_heads": 8}"#, "must be the same"),
      (#"{"d_model": 32, "activation_function": "gelu"}"#, "SONAR's is relu"),
      (#"{"d_model": 32, "scale_embedding": false}"#, "are scaled"),
      (#"{"model_dim": 32, "architecture": "bert"}"#, "'bert'"), (#"{"model_dim": 32}"#, "how many attention heads"),
      (#"{"model_dim": 32, "num_heads": 5}"#, "5 heads do not divide"),
      (#"{"model_dim": 32, "num_heads": 0}"#, "0 heads do not divide"),
      (#"{"model_dim": 32, "num_heads": "4"}"#, "num_heads is not a whole number"),
      (#"{"model_dim": 32, "num_heads": 4, "languages": ["a", "a"]}"#, "different codes"),
      (#"{"model_dim": 32, "num_heads": 4}"#, "196 rows are missing"),
      (#"{"model_dim": 32, "num_heads": 4, "languages": ["a", "b"]}"#, "4 rows are left over"),
      (#"{"model_dim": 32, "num_heads": 4, "languages": ["a"], "language_tokens": {"a": 707}}"#, "no row"),
      (#"{"model_dim": 32, "num_heads": 4, "languages": ["a", "b", "c"], "layer_norm_eps": 0}"#, "layer_norm_eps"),
      (#"{"model_dim": 32, "num_heads": 4, "sentencepiece_id_offset": 9223372036854775807}"#, "cannot be"),
      (#"{"model_dim": 32, "num_heads": 4, "layer_norm_eps": 1e999}"#, ""),
      (
        #"{"model_dim": 32, "num_heads": 4, "languages": ["a", "b", "c"], "max_source_tokens": 9223372036854775807}"#,
        "max_source_tokens"
      ),
      ("{}", "neither model_dim nor d_model"), ("[]", "not a JSON object"), ("", "not a JSON object"),
    ])
  func configs(json: String, expected: String) throws {
    let config = try temporary.file("config.json", Array(json.utf8))
    let models = temporary.url.appending(path: "models")
    let message = refusal { try fixture.modelImport(config: config).write(into: models) }
    let found = try #require(message)
    #expect(found.contains(expected) || expected.isEmpty, "\(found)")
    #expect(((try? FileManager.default.contentsOfDirectory(atPath: models.path)) ?? []).isEmpty)
  }

  @Test("without a config, only SONAR's own dim is taken; a port's own config is used")
  func noConfig() throws {
    func plan(_ fixture: ReferenceFixture) throws -> ImportPlan {
      try ModelImport(
        encoder: fixture.encoder, decoder: fixture.decoder, tokenizer: fixture.tokenizer, name: "x"
      ).plan()
    }
    #expect(refusal { try plan(fixture) }?.contains("not SONAR basic's 1024") == true)
    // The heads come from the config beside the weights; the languages are SONAR's, which do not fit.
    #expect(refusal { try plan(fixture.with(.huggingFace)) }?.contains("SONAR's 202 languages") == true)
  }

  @Test("bad names for a model are refused", arguments: ["", ".", "..", "a/b", ".hidden", "a b", "ü", "a\n"])
  func names(name: String) {
    #expect(refusal { try fixture.modelImport(name: name).plan() }?.contains("is no name for a model") == true)
  }

  @Test("SONAR's languages are 202, in NLLB's order")
  func languages() {
    let all = SonarLanguages.all
    #expect(all.count == 202 && Set(all).count == 202)
    let anchors: [LanguageCode: Int] = [
      "ace_Arab": 0, "deu_Latn": 41, "eng_Latn": 46, "fra_Latn": 56, "por_Latn": 140, "spa_Latn": 160, "zul_Latn": 201,
    ]
    for (language, index) in anchors { #expect(all[index] == language) }
  }

  private func encoderRefusal(_ encoder: TensorFile, config: URL? = nil) throws -> String? {
    let file = try temporary.file("e.safetensors", encoder.bytes)
    return refusal { try fixture.with(.huggingFace).modelImport(encoder: file, config: config).plan() }
  }
}
