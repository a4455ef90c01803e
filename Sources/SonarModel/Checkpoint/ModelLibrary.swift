import Foundation

/// Finds models by name along a search path.
public struct ModelLibrary: Sendable {
  /// Directories that hold one directory per model, first match wins.
  public let searchPath: [URL]

  /// - Parameters:
  ///   - extra: directories to search first (`--model-path`).
  ///   - environment: `SONARSWEEP_MODELS` (colon-separated), `XDG_DATA_HOME` and `HOME` are read from it.
  ///   - executable: the running program; the embedded models lie in `models` or `share/sonarsweep/models` beside or
  ///     above it.
  public init(extra: [String], environment: [String: String], executable: URL) {
    var path = extra.map { URL(filePath: $0) }
    path += (environment["SONARSWEEP_MODELS"] ?? "").split(separator: ":").map { URL(filePath: String($0)) }
    if let data = environment["XDG_DATA_HOME"] ?? environment["HOME"].map({ $0 + "/.local/share" }) {
      path.append(URL(filePath: data).appending(path: "sonarsweep/models"))
    }
    var directory = executable.resolvingSymlinksInPath().deletingLastPathComponent()
    while directory.path != "/" {
      path.append(directory.appending(path: "models"))
      path.append(directory.appending(path: "share/sonarsweep/models"))
      directory.deleteLastPathComponent()
    }
    searchPath = path
  }

  /// The model of this name; a name with a slash is a path to a model directory.
  public func model(named name: String) throws -> ModelDirectory {
    let candidates =
      name.contains("/") ? [URL(filePath: name)] : searchPath.map { $0.appending(path: name) }
    guard let url = candidates.first(where: isModel) else {
      if name.contains("/") {
        throw ModelError("\(name) is no model directory: it needs \(ModelDirectory.files.joined(separator: ", "))")
      }
      let known = models().map(\.name)
      throw ModelError(
        "no model '\(name)'; "
          + (known.isEmpty ? "no model was found at all" : "there are: \(known.joined(separator: ", "))")
          + ". Name a directory with --model-path DIR or SONARSWEEP_MODELS")
    }
    return ModelDirectory(name: url.lastPathComponent, url: url)
  }

  /// Every model on the search path, by name.
  public func models() -> [ModelDirectory] {
    var found: [String: ModelDirectory] = [:]
    for directory in searchPath {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
      for name in names where found[name] == nil {
        let url = directory.appending(path: name)
        if isModel(url) { found[name] = ModelDirectory(name: name, url: url) }
      }
    }
    return found.values.sorted { $0.name < $1.name }
  }

  private func isModel(_ url: URL) -> Bool {
    ModelDirectory.files.allSatisfy { FileManager.default.fileExists(atPath: url.appending(path: $0).path) }
  }
}
