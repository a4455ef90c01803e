import Foundation
import SweepSpec
import Testing

@Suite("A corpus with a mistake is refused, with its own name and line")
struct BadCorpusTests {
  @Test("in what the job says of it", arguments: jobs)
  func job(_ bad: BadJob) throws { try bad.check() }

  @Test("in the file", arguments: files)
  func file(_ bad: BadJob) throws { try bad.check() }

  @Test(
    "no way may lead out of the job's directory",
    arguments: [
      "../outside.tsv", "below/../../outside.tsv", "below/../../job/../outside.tsv", "link.tsv", "links.tsv",
      "up/outside.tsv",
      "below/up/outside.tsv", "up/job/../outside.tsv", "/etc/hostname", "//etc/hostname",
    ])
  func way(out path: String) throws {
    let directory = try jobWithLinks(path)
    let error = try #require(throws: JobError.self) { try directory.load() }
    #expect(error.description.hasPrefix("job.yaml:4: sweep.file: '\(path)' leads out of the job's directory"))
  }

  @Test(
    "links and dots that stay inside are no mistake",
    arguments: ["./pairs.tsv", "below/../pairs.tsv", "inside.tsv", "below/inside.tsv", "up/job/pairs.tsv"])
  func way(inside path: String) throws {
    #expect(try jobWithLinks(path).load().sweep.unitCount == 4)
  }

  private func jobWithLinks(_ path: String) throws -> JobDirectory {
    let directory = try JobDirectory(
      BadJob.corpusJob.replacing("pairs.tsv", with: "'\(path)'"), files: ["pairs.tsv": BadJob.pairs])
    let files = FileManager.default
    try files.createDirectory(at: directory.url.appending(path: "below"), withIntermediateDirectories: true)
    for (link, target) in [
      "link.tsv": "../outside.tsv", "links.tsv": "link.tsv", "up": "..", "below/up": "../up", "inside.tsv": "pairs.tsv",
      "below/inside.tsv": "../inside.tsv",
    ] {
      try files.createSymbolicLink(atPath: directory.url.appending(path: link).path, withDestinationPath: target)
    }
    return directory
  }

  @Test("a corpus must be UTF-8 in every line", arguments: [(String.Encoding.isoLatin1, 2), (.utf16, 1)])
  func encoding(_ encoding: String.Encoding, line: Int) throws {
    let content = try #require(BadJob.pairs.data(using: encoding))
    let directory = try JobDirectory(Data(BadJob.corpusJob.utf8), files: ["pairs.tsv": content])
    let error = try #require(throws: JobError.self) { try directory.load() }
    #expect(error.diagnostics.map(\.file) == ["pairs.tsv"])
    #expect(error.diagnostics.map(\.line) == [line])
    #expect(error.description.contains("not UTF-8"))
  }

  static let jobs: [BadJob] = [
    .corpus("no file named", line: 4, reads: "", at: 2, key: "sweep", says: "'file' is missing", "TSV"),
    .corpus("missing file", line: 4, reads: "  file: no.tsv", key: "sweep.file", says: "'no.tsv'", "no such file"),
    .corpus("number for a file", line: 4, reads: "  file: 3", key: "sweep.file", says: "'3' was found", "quote it"),
    .corpus("directory for a file", line: 4, reads: "  file: .", key: "sweep.file", says: "is a directory"),
    .corpus(
      "file above the job", line: 4, reads: "  file: ../outside.tsv", key: "sweep.file",
      says: "'../outside.tsv' leads out of the job's directory", "put the file beside or below the job"),
    .corpus("absolute path", line: 4, reads: "  file: /etc/hostname", key: "sweep.file", says: "leads out"),
    .corpus("no languages", line: 5, reads: "", at: 2, key: "sweep", says: "'languages' is missing"),
    .corpus("word for languages", line: 5, reads: "  languages: eng_Latn", key: "sweep.languages", says: "a list"),
    .corpus(
      "unknown language", line: 5, reads: "  languages: [eng_Latn, spa]", key: "sweep.languages[1]",
      says: "no language 'spa'"),
    .corpus(
      "language twice", line: 5, reads: "  languages: [eng_Latn, eng_Latn]", key: "sweep.languages[1]",
      says: "'eng_Latn' stands there already"),
    .corpus(
      "no column of the language's name", line: 5, reads: "  languages: [eng_Latn, fra_Latn]", key: "sweep.languages",
      says: "no column 'fra_Latn'", "id, eng_Latn, spa_Latn", "columns: {fra_Latn: NAME}"),
    .corpus(
      "no column of the given name", line: 6, reads: "  columns: {spa_Latn: spanish}", key: "sweep.columns.spa_Latn",
      says: "no column 'spanish'", "id, eng_Latn, spa_Latn"),
    .corpus(
      "column for another language", line: 6, reads: "  columns: {fra_Latn: id}", key: "sweep.columns.fra_Latn",
      says: "unknown key", "eng_Latn, spa_Latn"),
    .corpus(
      "unknown form", line: 6, reads: "  form: txt", key: "sweep.form", says: "text, pieces, ids", "mean 'text'?"),
    .corpus("key of another kind", line: 6, reads: "  length: 4", key: "sweep.length", says: "unknown key 'length'"),
    .corpus("no model", line: 6, reads: "model: none", key: "model", says: "a corpus sweep needs a model"),
  ]

  static let files: [BadJob] = [
    tsv("empty", "", at: 0, says: "no header line"),
    tsv("only comments", "# nothing\n\n", at: 0, says: "no header line"),
    tsv("only a header", "id\teng_Latn\tspa_Latn\n", at: 1, says: "no line after its header"),
    tsv("two columns of a name", "eng_Latn\tspa_Latn\teng_Latn\na\tb\tc\n", at: 1, says: "'eng_Latn'"),
    tsv("row too short", "eng_Latn\tspa_Latn\na\tb\na\n", at: 3, says: "1 column", "the header has 2"),
    tsv("row too long, below a comment", "eng_Latn\tspa_Latn\n# x\na\tb\tc\n", at: 3, says: "3 columns", "has 2"),
    tsv("id twice", "id\teng_Latn\tspa_Latn\na\tb\tc\na\td\te\n", at: 3, key: "id", says: "'a'", "line 2"),
    tsv(
      "words for ids", "eng_Latn\tspa_Latn\n5 6\t7\n5 dog\t8\n", form: "ids", at: 3, key: "eng_Latn",
      says: "'dog' is not"),
    tsv(
      "negative id", "eng_Latn\tspa_Latn\n5\t-6\n", form: "ids", at: 2, key: "spa_Latn", says: "'-6' is not"),
    tsv(
      "id out of the vocabulary", "eng_Latn\tspa_Latn\n5200\t7\n", form: "ids", at: 2, key: "eng_Latn",
      says: "0 to 5199"),
    tsv(
      "word of two pieces", "eng_Latn\tspa_Latn\ndog\tcasa\ndog speaker\tcasa\n", form: "pieces", at: 3,
      key: "eng_Latn",
      says: "'speaker' is 2 pieces: ▁speak er"),
    BadJob(
      "commas for tabs", BadJob.corpusJob.replacing(", spa_Latn", with: ""),
      files: ["pairs.tsv": "id,eng_Latn\na,dog\n"],
      at: 5, key: "sweep.languages", says: "no column 'eng_Latn'", "tab"),
  ]

  private static func tsv(
    _ name: String, _ content: String, form: String = "text", at line: Int, key: String = "", says: String...
  ) -> BadJob {
    BadJob(
      name, BadJob.corpusJob + "  form: \(form)\n", files: ["pairs.tsv": content], file: "pairs.tsv", at: line,
      key: key,
      says: says)
  }
}
