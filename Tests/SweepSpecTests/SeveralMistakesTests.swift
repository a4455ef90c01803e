import SweepSpec
import Testing

@Suite("Several mistakes are all reported at once")
struct SeveralMistakesTests {
  @Test("in order of lines")
  func ordered() throws {
    let found = try diagnostics(
      """
      nam: p
      version: 7
      sweep:
        kind: position
        language: eng_Latin
        tokens: [dog, speaker, dog]
        fillers: [_]
        length: 0
        positions: [9]
      decode:
        languages: [eng_Latn]
        beam_size: 3
        max_tokens: 0
      truncate: si
      """)
    #expect(found.map(\.line) == [1, 1, 2, 5, 6, 6, 8, 12, 13, 14])
    #expect(
      Set(found.map(\.key)) == [
        "", "nam", "version", "sweep.language", "sweep.tokens[1]", "sweep.tokens[2]", "sweep.length",
        "decode.beam_size",
        "decode.max_tokens", "truncate",
      ])
  }

  @Test("the job's before its corpus's")
  func corpus() throws {
    let found = try diagnostics(
      BadJob.corpusJob + "  form: pieces\nextra: 1\n",
      files: ["pairs.tsv": "id\teng_Latn\tspa_Latn\na\tspeaker\tcasa\na\tdog\tspeaker\n"])
    #expect(found.map { "\($0.file):\($0.line)" } == ["job.yaml:7", "pairs.tsv:2", "pairs.tsv:3", "pairs.tsv:3"])
    #expect(found.map(\.key).dropFirst(2).sorted() == ["id", "spa_Latn"])
  }

  @Test("an entry that stands there twice is counted by its place in the list")
  func entries() throws {
    let found = try diagnostics(BadJob.positionJob.replacing("[dog, cat]", with: "[dog, dog, cat, cat]"))
    #expect(found.map(\.key) == ["sweep.tokens[1]", "sweep.tokens[3]"])
    #expect(found[0].message.contains("as entry 0"))
    #expect(found[1].message.contains("as entry 2"))
  }

  @Test("a mistyped key and what it leaves missing are both named")
  func mistyped() throws {
    let found = try diagnostics(BadJob.positionJob.replacing("fillers", with: "filler"))
    #expect(found.map(\.line) == [2, 6])
    #expect(found[0].message.contains("'fillers' is missing"))
    #expect(found[1].message.contains("Did you mean 'fillers'?"))
  }

  @Test("a bad model does not hide the rest")
  func model() throws {
    let found = try diagnostics(BadJob.positionJob.replacing("length: 5", with: "length: 0") + "model: 3\n")
    #expect(found.map(\.key) == ["sweep.length", "model"])
  }

  private func diagnostics(_ yaml: String, files: [String: String] = [:]) throws -> [Diagnostic] {
    let directory = try JobDirectory(yaml, files: files)
    return try #require(throws: JobError.self) { try directory.load() }.diagnostics
  }
}
