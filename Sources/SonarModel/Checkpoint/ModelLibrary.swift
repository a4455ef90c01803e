import Foundation

/// Finds models by name along a search path.
public struct ModelLibrary: Sendable {
  /// Directories that hold one directory per model, first match wins.
  public let searchPath: [URL]
  /// Where imported models go: `sonarsweep/models` in the XDG data directory; nil without a home.
  public let userDirectory: URL?
  /// Those of `searchPath` that came with the program.
  private let embedded: [URL]

  /// - Parameters:
  ///   - extra: directories to search first (`--model-path`).
  ///   - environment: `SONARSWEEP_MODELS` (colon-separated), `XDG_DATA_HOME` and `HOME` are read from it.
  ///   - executable: the running program; the embedded models lie in `models` or `share/sonarsweep/models` beside or
  ///     above it.
  public init(extra: [String], environment: [String: String], executable: URL) {
    var path = extra.map { URL(filePath: $0) }
    path += (environment["SONARSWEEP_MODELS"] ?? "").split(separator: ":").map { URL(filePath: String($0)) }
    // The XDG specification: "All paths set in these environment variables must be absolute. If an implementation
    // encounters a relative path in any of these variables it should consider the path invalid and ignore it."
    func absolute(_ variable: String) -> String? { environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    let data = absolute("XDG_DATA_HOME") ?? absolute("HOME").map { $0 + "/.local/share" }
    userDirectory = data.map { URL(filePath: $0).appending(path: "sonarsweep/models") }
    if let userDirectory { path.append(userDirectory) }
    var embedded: [URL] = []
    var directory = executable.resolvingSymlinksInPath().deletingLastPathComponent()
    while directory.path != "/" {
      embedded.append(directory.appending(path: "models"))
      embedded.append(directory.appending(path: "share/sonarsweep/models"))
      directory.deleteLastPathComponent()
    }
    self.embedded = embedded
    searchPath = path + embedded
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
      // A name that starts with a dot is a model being written or removed.
      for name in names where found[name] == nil && !name.hasPrefix(".") {
        let url = directory.appending(path: name)
        if isModel(url) { found[name] = ModelDirectory(name: name, url: url) }
      }
    }
    return found.values.sorted { $0.name < $1.name }
  }

  /// Removes a model's directory; throws, and removes nothing, where `checkRemovable` does.
  public func remove(_ model: ModelDirectory) throws {
    try checkRemovable(model)
    try model.remove()
  }

  /// Throws for a model that came with the program, one outside the models directories, and one whose directory holds
  /// other files.
  public func checkRemovable(_ model: ModelDirectory) throws {
    func real(_ url: URL) -> String { url.resolvingSymlinksInPath().standardizedFileURL.path }
    let parent = real(model.url.absoluteURL.deletingLastPathComponent())
    guard !embedded.contains(where: { real($0) == parent }) else {
      throw ModelError("\(model.name) came with the program (\(model.url.path)); it is not removed")
    }
    guard searchPath.contains(where: { real($0) == parent }) else {
      throw ModelError(
        "\(model.url.path) is in no models directory; name the one it is in by --model-path DIR, or remove it by hand")
    }
    try model.checkRemovable()
  }

  private func isModel(_ url: URL) -> Bool {
    ModelDirectory.files.allSatisfy { FileManager.default.fileExists(atPath: url.appending(path: $0).path) }
  }
}
