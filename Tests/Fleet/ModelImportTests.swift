import Foundation
import Testing

@Suite("Importing a model as a command, and losing the process on the way", .serialized)
struct ModelImportTests {
  private static let fixture = Sonarsweep.repository.appending(path: "Tests/Fixtures/reference/random-32d")
  private let models = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString)")

  @Test("import, list, verify, info and remove")
  func commands() throws {
    defer { try? FileManager.default.removeItem(at: models) }
    let imported = try start(name: "small").wait()
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(imported.errors.contains("sonarsweep model verify small --model-path \(models.path)"))
    #expect(try run("list").output.contains("small"))
    #expect(try run("info", "small").status == 0)
    let verified = try run("verify", "small")
    #expect(verified.status == 0)
    #expect(verified.output.contains("what it computes could not be"))
    #expect(try start(name: "small").wait().errors.contains("exists already"))

    let refused = try run("remove", "small")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("--yes"))
    #expect(try run("remove", "sonar-mini", "--yes").errors.contains("came with the program"))
    #expect(try run("remove", "small", "--yes").status == 0)
    #expect(names == [])
  }

  @Test("a model whose file was changed fails its verification")
  func changed() throws {
    defer { try? FileManager.default.removeItem(at: models) }
    _ = try start(name: "small").wait()
    let file = models.appending(path: "small/sentencepiece.model")
    try (Data(contentsOf: file) + [0]).write(to: file)
    let verified = try run("verify", "small")
    #expect(verified.status == 1)
    #expect(verified.output.contains("fail    file sentencepiece.model"))
  }

  @Test("an import that is killed leaves nothing that shows, and the next one clears up after it")
  func killed() throws {
    defer { try? FileManager.default.removeItem(at: models) }
    let large = try LargeCheckpoint(in: models.appendingPathExtension("source"))
    let command = try start(name: "large", checkpoint: large)
    try Sonarsweep.wait("the import to write") { names.contains { $0.hasPrefix(".sonarsweep-large") } }
    command.send(SIGKILL)
    _ = command.wait()
    #expect(names.count == 1 && names[0].hasPrefix(".sonarsweep-large"))
    #expect(try !run("list").output.contains("large"))
    #expect(try start(name: "small").wait().status == 0)
    #expect(names == ["small"])
  }

  @Test("an import that is interrupted leaves nothing; one that runs beside another does not disturb it")
  func interrupted() throws {
    defer { try? FileManager.default.removeItem(at: models) }
    let large = try LargeCheckpoint(in: models.appendingPathExtension("source"))
    let command = try start(name: "large", checkpoint: large)
    try Sonarsweep.wait("the import to write") { names.contains { $0.hasPrefix(".sonarsweep-large") } }
    #expect(try start(name: "small").wait().status == 0)
    command.send(SIGINT)
    let outcome = command.wait()
    #expect(outcome.status == 130)
    #expect(outcome.errors.contains("stopped; nothing was left behind"))
    #expect(names == ["small"])
  }

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: models.path)) ?? []).sorted()
  }

  private func run(_ arguments: String...) throws -> Sonarsweep.Outcome {
    try Sonarsweep.start(["model"] + arguments + ["--model-path", models.path]).wait()
  }

  private func start(name: String, checkpoint: LargeCheckpoint? = nil) throws -> RunningCommand {
    func path(_ file: String) -> String { Self.fixture.appending(path: file).path }
    return try Sonarsweep.start([
      "model", "import", "--encoder", checkpoint?.file.path ?? path("encoder.pt"), "--decoder",
      checkpoint?.file.path ?? path("decoder.pt"), "--tokenizer", path("sentencepiece.model"), "--config",
      checkpoint?.config.path ?? path("config.json"), "--name", name, "--into", models.path,
    ])
  }
}

/// A port of half a gigabyte that takes no room: its tensors are a hole in a file. Long enough to import to be caught
/// at it.
private final class LargeCheckpoint {
  let file: URL
  let config: URL
  private let directory: URL

  init(in directory: URL) throws {
    self.directory = directory
    let (dim, inner, rows) = (32, 1 << 20, 707)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var entries: [String] = []
    var offset = 0
    func add(_ name: String, _ shape: [Int]) {
      let end = offset + shape.reduce(4, *)
      entries.append(#""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(offset),\#(end)]}"#)
      offset = end
    }
    for (half, attentions) in [("encoder", ["self_attn"]), ("decoder", ["self_attn", "encoder_attn"])] {
      add("\(half).embed_tokens.weight", [rows, dim])
      for attention in attentions {
        for projection in ["q_proj", "k_proj", "v_proj", "out_proj"] {
          add("\(half).layers.0.\(attention).\(projection).weight", [dim, dim])
          add("\(half).layers.0.\(attention).\(projection).bias", [dim])
        }
      }
      for norm in attentions.map({ "layers.0.\($0)_layer_norm" }) + ["layers.0.final_layer_norm", "layer_norm"] {
        add("\(half).\(norm).weight", [dim])
        add("\(half).\(norm).bias", [dim])
      }
      add("\(half).layers.0.fc1.weight", [inner, dim])
      add("\(half).layers.0.fc1.bias", [inner])
      add("\(half).layers.0.fc2.weight", [dim, inner])
      add("\(half).layers.0.fc2.bias", [dim])
    }
    let header = Data("{\(entries.joined(separator: ","))}".utf8)
    file = directory.appending(path: "model.safetensors")
    try (withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header).write(to: file)
    guard truncate(file.path, off_t(8 + header.count + offset)) == 0 else { throw CocoaError(.fileWriteUnknown) }
    config = directory.appending(path: "heads.json")
    let text = #"{"model_dim": \#(dim), "num_heads": 4, "languages": ["eng_Latn", "spa_Latn", "fra_Latn"]}"#
    try Data(text.utf8).write(to: config)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }
}
