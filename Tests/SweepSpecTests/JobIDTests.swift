import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("The same work has the same id, other work another")
struct JobIDTests {
  @Test("an id is the name and eight hex digits")
  func form() throws {
    let id = try id(BadJob.positionJob).rawValue
    #expect(id.wholeMatch(of: /good-[0-9a-f]{8}/) != nil, "\(id)")
  }

  @Test("the same job in another place, order and spelling is the same work")
  func same() throws {
    let expected = try id(BadJob.positionJob)
    for other in [
      BadJob.positionJob,
      BadJob.positionJob.replacing("length: 5", with: "length: 5  # tokens"),
      BadJob.positionJob.replacing("\n", with: "\r\n"),
      BadJob.positionJob
        + "  method: greedy\n  max_tokens: 128\ntruncate: false\nprecision: fp32\nmodel: sonar-mini\nversion: 1\n",
      """
      decode: {languages: [eng_Latn]}
      sweep: {length: 5, fillers: ["_"], tokens: ["dog", "cat"], language: "eng_Latn", kind: "position"}
      name: good
      """,
    ] { #expect(try id(other) == expected) }
  }

  @Test(
    "another value anywhere is other work",
    arguments: [
      ("name: good", "name: fine"), ("name: good", "name: good\nprecision: bf16"), ("[dog, cat]", "[dog, cats]"),
      ("[dog, cat]", "[cat, dog]"), ("[_]", "[the]"),
      ("length: 5", "length: 6"), ("length: 5", "lengths: [5]"), ("length: 5", "length: 5\n  positions: [0]"),
      ("language: eng_Latn", "language: spa_Latn"), ("[eng_Latn]", "[spa_Latn]"),
      ("[eng_Latn]", "[eng_Latn]\n  method: beam"), ("[eng_Latn]", "[eng_Latn]\n  max_tokens: 9"),
      ("decode:\n  languages: [eng_Latn]\n", "truncate: true\n"), ("decode:\n  languages: [eng_Latn]\n", ""),
    ])
  func other(_ old: String, _ new: String) throws {
    let yaml = BadJob.positionJob.replacing(old, with: new)
    #expect(yaml != BadJob.positionJob)
    #expect(try id(yaml) != id(BadJob.positionJob))
  }

  @Test("another byte of the corpus is other work, another name of the file is not")
  func corpus() throws {
    let job = try JobDirectory(BadJob.corpusJob, files: ["pairs.tsv": BadJob.pairs]).load()
    let byte = try JobDirectory(BadJob.corpusJob, files: ["pairs.tsv": BadJob.pairs + "\n"]).load()
    let yaml = BadJob.corpusJob.replacing("pairs.tsv", with: "couples.tsv")
    let name = try JobDirectory(yaml, files: ["couples.tsv": BadJob.pairs]).load()
    #expect(job.id != byte.id)
    #expect(job.id == name.id)
  }

  @Test("an id names a directory and nothing above it", arguments: ["", ".", "..", ".a", "a/b", "a b", "ñ", "a\n"])
  func bad(_ text: String) {
    #expect(JobID(rawValue: text) == nil)
  }

  @Test("an id has 80 letters at most")
  func long() {
    #expect(JobID(rawValue: String(repeating: "a", count: 80)) != nil)
    #expect(JobID(rawValue: String(repeating: "a", count: 81)) == nil)
  }

  private func id(_ yaml: String) throws -> JobID { try JobDirectory(yaml).load().id }
}
