import SweepSpec
import Testing

@Suite("corpus: any number of languages, and language tokens that do not match")
struct CorpusSweepTests {
  private static let files = ["c.tsv": "id\teng_Latn\tspa_Latn\tfra_Latn\nx\tdog\tperro\tchien\n"]
  private static let keys = "kind: corpus\nfile: c.tsv\nlanguages: [eng_Latn, spa_Latn, fra_Latn]"

  @Test("three languages, decoded into two")
  func three() throws {
    let sweep = try SweepText.load(Self.keys, decode: "[fra_Latn, eng_Latn]", files: Self.files)
    #expect(
      try SweepText.units(sweep) == [
        "pair=x language=eng_Latn: eng('dog') => fra('chien') => eng('dog')",
        "pair=x language=spa_Latn: spa('perro') => fra('chien') => eng('dog')",
        "pair=x language=fra_Latn: fra('chien') => fra('chien') => eng('dog')",
      ])
  }

  @Test("every side under every one of a list of language tokens")
  func tokens() throws {
    let sweep = try SweepText.load(
      "kind: corpus\nfile: c.tsv\nlanguages: [eng_Latn, spa_Latn]\ntokens: [eng_Latn, fra_Latn]", files: Self.files)
    #expect(
      try SweepText.units(sweep) == [
        "pair=x language=eng_Latn token=eng_Latn: eng('dog') => eng('dog')",
        "pair=x language=eng_Latn token=fra_Latn: fra('dog') => eng('dog')",
        "pair=x language=spa_Latn token=eng_Latn: eng('perro') => eng('dog')",
        "pair=x language=spa_Latn token=fra_Latn: fra('perro') => eng('dog')",
      ])
  }

  @Test("a token the model does not have is refused")
  func bad() throws {
    try BadJob.keys(
      "token", Self.keys + "\ntokens: [eng_Latn, deu]", at: 4, key: "tokens[1]", files: Self.files, says: "'deu'"
    ).check()
  }
}
