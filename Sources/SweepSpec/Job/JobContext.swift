import Foundation
import SonarModel

/// What a job file is checked against: the model's vocabulary and limits, and the files beside the job.
public final class JobContext {
  /// Nil for a job without a model.
  public let tokenizer: Tokenizer?
  let maxContentTokens: Int
  let maxTargetTokens: Int
  private let directory: URL
  private let diagnostics: Diagnostics
  private(set) var assets = Assets()
  /// What the job's `vectors` section names.
  private(set) var vectors: [String: VectorReference] = [:]

  init(tokenizer: Tokenizer?, config: ModelConfig?, directory: URL, diagnostics: Diagnostics) {
    self.tokenizer = tokenizer
    // The language token and `</s>` take two of the encoder's tokens; the prompt two of the decoder's.
    maxContentTokens = (config?.maxSourceTokens ?? 514) - 2
    maxTargetTokens = (config?.maxTargetTokens ?? 512) - 2
    self.directory = directory
    self.diagnostics = diagnostics
  }

  var lastTokenID: Int { (tokenizer?.vocabularySize ?? 1 << 24) - 1 }

  /// A language the model has.
  func language(_ value: YAMLValue) -> LanguageCode? {
    guard let word = value.word() else { return nil }
    let code = LanguageCode(word)
    guard let tokenizer else { return code }
    do {
      _ = try tokenizer.token(of: code)
      return code
    } catch {
      value.report("\(error)\(Suggestion.text(for: word, among: tokenizer.languages.map(\.rawValue)))")
      return nil
    }
  }

  /// Reads a file named relative to the job's and keeps it as an asset. The name may not lead out of the job's directory.
  func asset(_ value: YAMLValue) -> (reference: AssetReference, content: Data)? {
    content(of: value).map { (assets.add($0), $0) }
  }

  /// Reads a file named relative to the job's. The name may not lead out of the job's directory.
  func content(of value: YAMLValue) -> Data? {
    guard let path = value.string() else { return nil }
    let root = Self.realPath(directory.path) ?? directory.path
    // Where the name leads once every link is followed. Read by that, so that what is checked is what is read.
    let file = path.hasPrefix("/") ? path : Self.realPath("\(directory.path)/\(path)")
    if let file, path.hasPrefix("/") || !(file + "/").hasPrefix(root == "/" ? root : root + "/") {
      value.report("'\(path)' leads out of the job's directory \(root); put the file beside or below the job")
      return nil
    }
    let type = file.flatMap { try? FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType }
    guard type == nil || type == .typeRegular else {
      value.report("'\(path)' is \(type == .typeDirectory ? "a directory" : "no regular file"); name a file")
      return nil
    }
    guard let file, let content = try? Data(contentsOf: URL(filePath: file)) else {
      value.report("'\(path)' cannot be read: there is no such file in \(root)")
      return nil
    }
    return content
  }

  /// A vector the job names.
  func vector(_ value: YAMLValue) -> VectorReference? {
    guard let name = value.string() else { return nil }
    if let vector = vectors[name] { return vector }
    let known = vectors.isEmpty ? "it names none" : "it names \(vectors.keys.sorted().joined(separator: ", "))"
    value.report(
      "the job's 'vectors' section names no '\(name)'; \(known)\(Suggestion.text(for: name, among: vectors.keys.sorted()))"
    )
    return nil
  }

  /// Keeps a vector of the `vectors` section, and its content as an asset.
  func add(_ vector: VectorReference, content: Data) {
    assets.add(content)
    vectors[vector.name] = vector
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// Reports a mistake in another file than the job's.
  func report(file: String, line: Int, key: String, _ message: String) {
    diagnostics.report(in: file, line: line, key: key, message)
  }
}
