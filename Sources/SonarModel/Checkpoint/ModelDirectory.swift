import Crypto
import Foundation
import TensorKernels

/// A model on disk: `config.json`, `model.safetensors` and `sentencepiece.model` in one directory.
public struct ModelDirectory: Sendable {
  public static let files = ["config.json", "model.safetensors", "sentencepiece.model"]
  /// What may lie beside them: the card, the published hashes, and reference values.
  private static let companions = ["README.md", "SHA256SUMS", "golden.json"]

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
    try fingerprint(precision) { file in
      let compute = { try sha256(of: file.lastPathComponent) }
      return try cache?.sha256(of: file, compute: compute) ?? compute()
    }
  }

  func fingerprint(_ precision: Precision, sha256: (URL) throws -> String) throws -> ModelFingerprint {
    var hash = SHA256()
    for file in Self.files {
      let sum = try sha256(url.appending(path: file))
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

  /// Removes the directory. Throws, and removes nothing, where `checkRemovable` does.
  public func remove() throws {
    try checkRemovable()
    try StagingDirectory.remove(url)
  }

  /// Throws unless this is a directory with a model's files and nothing else.
  func checkRemovable() throws {
    var status = stat()
    guard lstat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw ModelError("\(url.path) is not a directory of its own; remove it by hand")
    }
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [])
    guard Self.files.allSatisfy(names.contains) else { throw ModelError("\(url.path) is no model directory") }
    let others = names.subtracting(Self.files + Self.companions).sorted()
    guard others.isEmpty else {
      throw ModelError(
        "\(url.path) holds what is not a model's: \(others.prefix(5).map { printable($0) }.joined(separator: ", ")); "
          + "remove it by hand")
    }
  }

  /// What `SHA256SUMS` says of each of the model's files; `golden.json` too where it is listed.
  public func checkSums() throws -> [String: FileState] {
    let sums = (try? String(contentsOf: url.appending(path: "SHA256SUMS"), encoding: .utf8)) ?? ""
    let published = Dictionary(
      sums.split(separator: "\n").compactMap { line -> (String, String)? in
        let parts = line.split(separator: " ", maxSplits: 1)
        return parts.count == 2 ? (parts[1].trimmingCharacters(in: .whitespaces), String(parts[0])) : nil
      }, uniquingKeysWith: { $1 })
    var result: [String: FileState] = [:]
    for file in Self.files { result[file] = try state(of: file, published[file]) }
    if let golden = published["golden.json"] { result["golden.json"] = try state(of: "golden.json", golden) }
    return result
  }

  private func state(of file: String, _ published: String?) throws -> FileState {
    guard let published else { return .notListed }
    guard FileManager.default.fileExists(atPath: url.appending(path: file).path) else { return .missing }
    return try sha256(of: file) == published ? .ok : .changed
  }

  /// A file against `SHA256SUMS`.
  public enum FileState: String, Sendable, Codable {
    case ok
    case changed
    case missing
    case notListed = "not listed"
  }
}
