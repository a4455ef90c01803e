import Foundation
import SonarModel
import Testing

@Suite("Hugging Face ports in all their shapes")
struct PortTests {
  private let temporary: TemporaryDirectory
  private let fixture = ReferenceFixture.small.with(.huggingFace)
  private let encoder: TensorFile
  private let decoder: TensorFile
  private let expected: Data

  init() throws {
    temporary = try TemporaryDirectory()
    encoder = try TensorFile(reading: fixture.encoder)
    // With bare names, as in an encoder's port.
    decoder = try TensorFile(reading: fixture.decoder).renamed {
      $0 == "model.shared.weight" ? "embed_tokens.weight" : String($0.dropFirst("model.decoder.".count))
    }
    expected = try Self.weights(fixture.modelImport(), into: temporary.url.appending(path: "expected"))
  }

  @Test("one file holds both halves, with or without 'model.'", arguments: ["", "model."])
  func oneFile(prefix: String) throws {
    let file = try temporary.file("model.safetensors", both(prefix).bytes)
    #expect(try weights(encoder: file, decoder: file) == expected)
  }

  @Test("a directory with one file, and with shards and their index")
  func directories() throws {
    let all = both("model.")
    _ = try temporary.file("model.safetensors", all.bytes)
    #expect(try weights(encoder: temporary.url, decoder: temporary.url) == expected)
    let index = try shards(of: all)
    #expect(try weights(encoder: temporary.url, decoder: index) == expected)
  }

  @Test(
    "the table is taken from any of its names",
    arguments: ["shared.weight", "model.shared.weight", "lm_head.weight", "decoder.embed_tokens.weight"])
  func tables(name: String) throws {
    let renamed = decoder.renamed { $0 == "embed_tokens.weight" ? name : "decoder.\($0)" }
    #expect(try weights(decoder: temporary.file("d.safetensors", renamed.bytes)) == expected)
  }

  @Test("tensors nobody asks for are ignored, whatever their type")
  func extras() throws {
    var more = encoder
    more.tensors["embed_positions.weights"] = .init(shape: [2, 2], bytes: .init(repeating: 1, count: 16))
    more.tensors["position_ids"] = .init(type: "I64", shape: [2], bytes: .init(repeating: 1, count: 16))
    more.tensors["empty"] = .init(type: "BOOL", shape: [0], bytes: [])
    #expect(try weights(encoder: temporary.file("e.safetensors", more.bytes)) == expected)
  }

  @Test("weights keep their element type")
  func types() throws {
    var half = encoder
    for (name, tensor) in half.tensors {
      let values = tensor.bytes.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
      half.tensors[name] = .init(
        type: "F16", shape: tensor.shape, bytes: values.flatMap { little(Float16($0).bitPattern) })
    }
    let model = try fixture.modelImport(encoder: temporary.file("e.safetensors", half.bytes), name: "half")
      .write(into: temporary.url)
    let written = try TensorFile(reading: model.url.appending(path: "model.safetensors"))
    #expect(written.tensors["encoder.layer_norm.weight"]?.type == "F16")
    #expect(written.tensors["decoder.decoder.layer_norm.weight"]?.type == "F32")
    _ = try SonarModel(model)
  }

  @Test("an output projection that is not the table is refused, one that equals it is not")
  func tie() throws {
    var head = decoder.renamed { "decoder.\($0)" }
    let table = try #require(head.tensors["decoder.embed_tokens.weight"])
    head.tensors["lm_head.weight"] = table
    #expect(try weights(decoder: temporary.file("same.safetensors", head.bytes)) == expected)
    head.tensors["lm_head.weight"]?.bytes[100] ^= 1
    let file = try temporary.file("other.safetensors", head.bytes)
    #expect(refusal { try weights(decoder: file) }?.contains("'lm_head.weight' is not the embedding table") == true)
  }

  @Test(
    "an index that names paths, files that are not there, or tensors that are elsewhere is refused",
    arguments: [
      #"{"weight_map": {"a": "../model.safetensors"}}"#, #"{"weight_map": {"a": "/etc/passwd"}}"#,
      #"{"weight_map": {"a": "missing.safetensors"}}"#, #"{"weight_map": {"a": "part.safetensors"}}"#,
      #"{"weight_map": {}}"#, #"{"weight_map": {"a": 1}}"#, "{}", "{",
      "{" + String(repeating: #""a":{"#, count: 100_000),
    ])
  func badIndex(text: String) throws {
    _ = try temporary.file("part.safetensors", encoder.bytes)
    let file = try temporary.file("model.safetensors.index.json", Array(text.utf8))
    #expect(refusal { try weights(encoder: file) } != nil)
  }

  private func both(_ prefix: String) -> TensorFile {
    encoder.renamed { "\(prefix)encoder.\($0)" }.merging(decoder.renamed { "\(prefix)decoder.\($0)" })
  }

  /// Writes two shards by turns, and their index, whose place is returned.
  private func shards(of file: TensorFile) throws -> URL {
    var parts = [TensorFile(), TensorFile()]
    var map: [String: String] = [:]
    for (i, name) in file.tensors.keys.sorted().enumerated() {
      parts[i % 2].tensors[name] = file.tensors[name]
      map[name] = "model-0000\(i % 2 + 1)-of-00002.safetensors"
    }
    for (i, part) in parts.enumerated() {
      _ = try temporary.file("model-0000\(i + 1)-of-00002.safetensors", part.bytes)
    }
    return try temporary.file(
      "model.safetensors.index.json", JSONSerialization.data(withJSONObject: ["metadata": [:], "weight_map": map]))
  }

  private func weights(encoder: URL? = nil, decoder: URL? = nil) throws -> Data {
    try Self.weights(
      fixture.modelImport(encoder: encoder, decoder: decoder), into: temporary.url.appending(path: UUID().uuidString))
  }

  private static func weights(_ importing: ModelImport, into directory: URL) throws -> Data {
    try Data(contentsOf: importing.write(into: directory).url.appending(path: "model.safetensors"))
  }
}

/// What a `ModelError` says; nil where nothing is thrown.
func refusal(_ body: () throws -> some Any) -> String? {
  do {
    _ = try body()
    return nil
  } catch {
    return "\(error)"
  }
}
