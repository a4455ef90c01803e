import Foundation
import SweepSpec
import Testing

/// A job file with one mistake, and what a user is told about it.
struct BadJob: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let yaml: String
  let files: [String: String]
  let expected: Diagnostic
  /// What the message must contain.
  let says: [String]

  /// A whole file.
  init(
    _ name: String, _ yaml: String, files: [String: String] = [:], file: String = "job.yaml", at line: Int,
    key: String = "", says: [String]
  ) {
    testDescription = name
    self.yaml = yaml
    self.files = files
    expected = Diagnostic(file: file, line: line, key: key, message: "")
    self.says = says
  }

  init(
    _ name: String, _ yaml: String, files: [String: String] = [:], at line: Int, key: String = "", says: String...
  ) {
    self.init(name, yaml, files: files, at: line, key: key, says: says)
  }

  /// A good job, but line `line` reads `text` (which may be several lines). The mistake is reported there, or at `at`.
  private init(_ name: String, _ job: String, _ line: Int, _ text: String, at: Int?, key: String, says: [String]) {
    var lines = job.split(separator: "\n").map(String.init)
    if line > lines.count { lines.append(text) } else { lines[line - 1] = text }
    testDescription = name
    yaml = lines.joined(separator: "\n") + "\n"
    files = ["pairs.tsv": Self.pairs]
    expected = Diagnostic(file: "job.yaml", line: at ?? line, key: key, message: "")
    self.says = says
  }

  /// A mistake in a position job of 9 lines.
  static func position(
    _ name: String, line: Int, reads text: String, at: Int? = nil, key: String, says: String...
  ) -> BadJob {
    BadJob(name, positionJob, line, text, at: at, key: key, says: says)
  }

  /// A mistake in a corpus job of 5 lines.
  static func corpus(
    _ name: String, line: Int, reads text: String, at: Int? = nil, key: String, says: String...
  ) -> BadJob {
    BadJob(name, corpusJob, line, text, at: at, key: key, says: says)
  }

  /// A mistake in a null-probe job of 5 lines.
  static func null(_ name: String, line: Int, reads text: String, at: Int? = nil, key: String, says: String...)
    -> BadJob
  {
    BadJob(name, nullJob, line, text, at: at, key: key, says: says)
  }

  static let positionJob = """
    name: good
    sweep:
      kind: position
      language: eng_Latn
      tokens: [dog, cat]
      fillers: [_]
      length: 5
    decode:
      languages: [eng_Latn]

    """

  static let corpusJob = """
    name: good
    sweep:
      kind: corpus
      file: pairs.tsv
      languages: [eng_Latn, spa_Latn]

    """

  static let nullJob = """
    name: good
    model: none
    sweep:
      kind: null-probe
      units: 10

    """

  /// A corpus whose cells are single tokens.
  static let pairs = "id\teng_Latn\tspa_Latn\na\tdog\tniño\nb\tcat\tcasa\n"

  /// Expects exactly this mistake.
  func check() throws {
    let directory = try JobDirectory(yaml, files: files)
    let error = try #require(throws: JobError.self) { try directory.load() }
    try #require(error.diagnostics.count == 1, "\(error)")
    let found = error.diagnostics[0]
    #expect(found.file == expected.file)
    #expect(found.line == expected.line, "\(error)")
    #expect(found.key == expected.key, "\(error)")
    for part in says { #expect(found.message.contains(part)) }
    #expect(!found.message.contains("\n"), "a message is one line")
  }
}
