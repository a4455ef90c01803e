import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("A good corpus becomes the sequences it holds")
struct GoodCorpusTests {
  @Test("without an id column pairs are numbered")
  func numbered() throws {
    let sweep = try load("eng_Latn\tspa_Latn\na\tb\nc\td\n").sweep
    #expect(sweep.axes[0] == Axis("pair", .range(start: 1, count: 2)))
    #expect(Self.content(sweep) == [.text("a"), .text("b"), .text("c"), .text("d")])
  }

  @Test("blank lines and comments are left out")
  func comments() throws {
    let sweep = try load("# origin\n\neng_Latn\tspa_Latn\na\tb\n\t\n# more\nc\td").sweep
    #expect(Self.content(sweep) == [.text("a"), .text("b"), .text("c"), .text("d")])
  }

  @Test("a file from Windows, with CRLF and a byte order mark, reads the same")
  func windows() throws {
    let text = "id\teng_Latn\tspa_Latn\nx\ta\tb\ny\tc\td\n"
    let expected = try load(text).sweep
    for other in [text.replacing("\n", with: "\r\n"), "\u{feff}" + text] {
      let sweep = try load(other).sweep
      #expect(sweep.axes == expected.axes)
      #expect(Self.content(sweep) == Self.content(expected))
    }
  }

  @Test("columns may have other names than the languages")
  func columns() throws {
    let sweep = try load("en\tes\na\tb\n", "  columns: {eng_Latn: en, spa_Latn: es}\n").sweep
    #expect(sweep.axes[1] == Axis("language", .strings(["eng_Latn", "spa_Latn"])))
    #expect(Self.content(sweep) == [.text("a"), .text("b")])
  }

  @Test("cells may be pieces")
  func pieces() throws {
    let sweep = try load("eng_Latn\tspa_Latn\ndog ▁cat\tcasa\n", "  form: pieces\n").sweep
    #expect(Self.content(sweep) == [.tokens([.word("dog"), .word("▁cat")]), .tokens([.word("casa")])])
  }

  @Test("cells may be ids")
  func ids() throws {
    let sweep = try load("eng_Latn\tspa_Latn\n5 5199\t0\n", "  form: ids\n").sweep
    #expect(Self.content(sweep) == [.tokens([.id(TokenID(5)), .id(TokenID(5199))]), .tokens([.id(TokenID(0))])])
  }

  @Test("only the sides asked for have an expected decode")
  func expected() throws {
    let sweep = try load("eng_Latn\tspa_Latn\na\tb\n", "decode:\n  languages: [spa_Latn, fra_Latn]\n").sweep
    let decodes = try #require(sweep.probe(of: 0)?.decodes)
    #expect(decodes.map(\.expected) == [TokenSequence(language: "spa_Latn", .text("b")), nil])
  }

  @Test("a file may lie below the job, and its name may hold anything a name may")
  func below() throws {
    let directory = try JobDirectory(BadJob.corpusJob.replacing("pairs.tsv", with: "'below/my #1 ñ%20.tsv'"))
    let below = directory.url.appending(path: "below")
    try FileManager.default.createDirectory(at: below, withIntermediateDirectories: true)
    try Data(BadJob.pairs.utf8).write(to: below.appending(path: "my #1 ñ%20.tsv"))
    #expect(try directory.load().sweep.unitCount == 4)
  }

  private func load(_ tsv: String, _ more: String = "") throws -> Job {
    try JobDirectory(BadJob.corpusJob + more, files: ["pairs.tsv": tsv]).load()
  }

  /// What every unit's one sequence holds.
  private static func content(_ sweep: Sweep) -> [TokenSequence.Content?] {
    (0..<sweep.unitCount).map { unit in
      guard case .sequence(let sequence)? = sweep.probe(of: unit)?.terms.first?.source else { return nil }
      return sequence.content
    }
  }
}
