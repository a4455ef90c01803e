/// One mistake in a file: where, and what was found and would do.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
  public let file: String
  /// 1-based; 0 where the mistake is not at a line (a missing file).
  public let line: Int
  /// The key, as `sweep.tokens[2]`.
  public let key: String
  public let message: String

  public init(file: String, line: Int, key: String, message: String) {
    self.file = file
    self.line = line
    self.key = key
    self.message = message
  }

  public var description: String {
    "\(file)\(line > 0 ? ":\(line)" : ""): \(key.isEmpty ? "" : "\(key): ")\(message)"
  }
}

/// A job file that cannot be used, with every mistake that was found in it.
public struct JobError: Error, CustomStringConvertible {
  public let diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Collects mistakes while a file is read, so that a user sees all of them at once.
final class Diagnostics {
  let file: String
  private(set) var all: [Diagnostic] = []

  init(file: String) { self.file = file }

  /// - Parameter other: the file the mistake is in, where that is not the job's.
  func report(in other: String? = nil, line: Int, key: String, _ message: String) {
    all.append(Diagnostic(file: other ?? file, line: line, key: key, message: message))
  }

  /// Throws a `JobError` if anything was reported.
  func check() throws {
    guard !all.isEmpty else { return }
    // The job's own mistakes first, then those of other files, each in order of lines.
    let rank = { (index: Int) -> (Int, String, Int, Int) in
      (self.all[index].file == self.file ? 0 : 1, self.all[index].file, self.all[index].line, index)
    }
    throw JobError(all.indices.sorted { rank($0) < rank($1) }.map { all[$0] })
  }
}
