import Foundation
import SonarModel
import SweepSpec

/// A fresh directory with a job file and the files beside it, removed with the value.
final class JobDirectory {
  static let repository = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL

  /// Only the embedded model.
  static let library = ModelLibrary(
    extra: [repository.appending(path: "models").path], environment: [:], executable: URL(filePath: "/nonexistent/x"))

  /// The embedded model's.
  static let tokenizer = Result { try library.model(named: "sonar-mini").tokenizer() }

  /// Where the job lies; `outside.tsv`, a good corpus, lies one level above.
  let url: URL
  private let root: URL

  init(_ yaml: Data, files: [String: Data] = [:]) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "sweepspec-\(UUID().uuidString)")
    url = root.appending(path: "job")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try Data(BadJob.pairs.utf8).write(to: root.appending(path: "outside.tsv"))
    try yaml.write(to: url.appending(path: "job.yaml"))
    for (name, content) in files { try content.write(to: url.appending(path: name)) }
  }

  convenience init(_ yaml: String, files: [String: String] = [:]) throws {
    try self.init(Data(yaml.utf8), files: files.mapValues { Data($0.utf8) })
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func load(_ file: String = "job.yaml", model: String? = nil, library: ModelLibrary = library) throws -> Job {
    try JobFile.load(url.appending(path: file), model: model, library: library)
  }
}
