import Crypto
import Foundation
import TensorKernels

/// A model on disk: `config.json`, `model.safetensors` and `sentencepiece.model` in one directory.
public struct ModelDirectory: Sendable {
  public static let files = ["config.json", "model.safetensors", "sentencepiece.model"]

  public let name: String
  public let url: URL

  public init(name: String, url: URL) {
    self.name = name
    self.url = url
  }

  public func config() throws -> ModelConfig {
    try ModelConfig(contentsOf: url.appending(path: "config.json"))
  }

  public func tokenizer() throws -> Tokenizer {
    try tokenizer(config: config())
  }

  func tokenizer(config: ModelConfig) throws -> Tokenizer {
    let file = url.appending(path: "sentencepiece.model")
    guard let bytes = try? Data(contentsOf: file) else { throw ModelError("\(file.path) cannot be read") }
    return try Tokenizer(model: bytes, config: config)
  }

  /// What results depend on: SHA-256 over the SHA-256 of each of the model's files, and the precision it is run in.
  ///
  /// - Parameter cache: remembers the hashes of files that have not changed since.
  public func fingerprint(_ precision: Precision = .fp32, cache: WeightCache? = nil) throws -> ModelFingerprint {
    var hash = SHA256()
    for file in Self.files {
      let sum = try cache?.sha256(of: url.appending(path: file)) { try sha256(of: file) } ?? sha256(of: file)
      hash.update(data: Data("\(file) \(sum)\n".utf8))
    }
    hash.update(data: Data("precision \(precision.rawValue)\n".utf8))
    return ModelFingerprint(hash.finalize().map { String(format: "%02x", $0) }.joined())
  }

  /// The lower-case hex SHA-256 of one of the model's files, read in pieces of 1 MiB.
  public func sha256(of file: String) throws -> String {
    let path = url.appending(path: file)
    guard let handle = try? FileHandle(forReadingFrom: path) else { throw ModelError("\(path.path) cannot be read") }
    defer { try? handle.close() }
    var hash = SHA256()
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
    return hash.finalize().map { String(format: "%02x", $0) }.joined()
  }
}
