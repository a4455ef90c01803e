import Foundation
import HTTPTypes

/// What a client submits: `Submission` of the OpenAPI document.
struct SubmittedFile: StrictDecodable, Sendable {
  static let keys: Set = ["file", "text", "assets"]

  let file: String
  let text: String
  /// Other files by their path, as it stands in the job file.
  let assets: [String: Data]

  private enum CodingKeys: CodingKey { case file, text, assets }

  init(file: String, text: String, assets: [String: Data] = [:]) {
    (self.file, self.text, self.assets) = (file, text, assets)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    file = try container.decode(String.self, forKey: .file)
    text = try container.decode(String.self, forKey: .text)
    // Absent is none; null is a mistake.
    assets = container.contains(.assets) ? try container.decode([String: Data].self, forKey: .assets) : [:]
    guard (1...255).contains(file.unicodeScalars.count) else {
      throw Problem(.badRequest, "file must have 1 to 255 characters")
    }
  }

  /// The job file's name in a directory: the last part of what it is called.
  var name: String {
    let last = file.split(separator: "/").last.map(String.init) ?? ""
    return AssetPath(last) == nil ? "job.yaml" : last
  }

  /// Writes the files into an empty directory.
  ///
  /// - Throws: `Problem` with every path that is none; whatever writing throws.
  func write(to directory: URL) throws {
    let bad = assets.keys.filter { AssetPath($0) == nil || $0 == name }.sorted()
    guard bad.isEmpty else {
      var problem = Problem(.unprocessableContent, "some files have names that they cannot have; nothing was submitted")
      problem.mistakes = bad.prefix(100).map {
        "\(file): assets: '\($0.prefix(200))' is no path below the job file's directory"
      }
      throw problem
    }
    let files = Set(assets.keys).union([name])
    if let both = assets.keys.lazy.flatMap(Self.directories).first(where: files.contains) {
      throw Problem(.badRequest, "'\(both.prefix(200))' is a file and a directory at once")
    }
    for (path, content) in assets {
      let file = directory.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try content.write(to: file)
    }
    try Data(text.utf8).write(to: directory.appending(path: name))
  }

  /// The directories that a path leads through.
  private static func directories(of path: String) -> [String] {
    let parts = path.split(separator: "/")
    return parts.indices.dropFirst().map { parts[..<$0].joined(separator: "/") }
  }
}

/// A relative path that stays below its directory.
struct AssetPath: Hashable {
  let text: String

  /// Nil where it is absolute, leads upwards, is too long or too deep, or has parts that are no file names.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...512).contains(text.utf8.count), parts.count <= 16 else { return nil }
    for part in parts {
      let isName = !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
      guard isName, !part.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return nil }
    }
    self.text = text
  }
}
