import Foundation
import SonarModel
import Testing

/// A model in one of its checkpoint forms, from Tests/Fixtures/reference.
struct ReferenceFixture: Sendable, CustomTestStringConvertible {
  enum Form: String, CaseIterable, Sendable {
    case fairseq2
    case fairseq
    case huggingFace
  }

  let directory: URL
  let form: Form

  var testDescription: String { "\(directory.lastPathComponent), \(form)" }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../Fixtures/reference").standardizedFileURL

  static let directories: [URL] = ((try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? [])
    .sorted().map { root.appending(path: $0) }
    .filter { FileManager.default.fileExists(atPath: $0.appending(path: "expected.json").path) }

  /// Every form of every fixture.
  static let all = directories.flatMap { directory in Form.allCases.map { Self(directory: directory, form: $0) } }

  static let small = Self(directory: root.appending(path: "random-32d"), form: .fairseq2)

  var encoder: URL { directory.appending(path: file("encoder")) }
  var decoder: URL { directory.appending(path: file("decoder")) }
  var tokenizer: URL { directory.appending(path: "sentencepiece.model") }
  var config: URL { directory.appending(path: "config.json") }

  /// Where a port is not two files, its directory holds both halves.
  private func file(_ half: String) -> String {
    switch form {
    case .fairseq2: "\(half).pt"
    case .fairseq: "legacy_\(half).pt"
    case .huggingFace:
      FileManager.default.fileExists(atPath: directory.appending(path: "hf/\(half).safetensors").path)
        ? "hf/\(half).safetensors" : "hf"
    }
  }

  func with(_ form: Form) -> Self { Self(directory: directory, form: form) }

  func modelImport(encoder: URL? = nil, decoder: URL? = nil, config: URL? = nil, name: String = "model") -> ModelImport
  {
    ModelImport(
      encoder: encoder ?? self.encoder, decoder: decoder ?? self.decoder, tokenizer: tokenizer,
      config: config ?? self.config, name: name)
  }
}

/// A directory for one test, removed when it is over.
final class TemporaryDirectory {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "import-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Everything in it, hidden names too.
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }

  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> URL {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file
  }
}
