import SweepSpec
import Testing

@Suite("interpolation: the line between two sequences")
struct InterpolationSweepTests {
  private static let keys = """
    kind: interpolation
    language: eng_Latn
    from: [the dog]
    to: [a cat]
    alphas: {from: 0, to: 1, step: 0.25}
    """

  @Test("success is the nearer end, half way neither")
  func good() throws {
    let sweep = try SweepText.load(Self.keys)
    #expect(
      sweep.axes == [Axis("pair", .strings(["the dog > a cat"])), Axis("alpha", .numbers([0, 0.25, 0.5, 0.75, 1]))])
    #expect(
      try SweepText.units(sweep) == [
        "pair=the dog > a cat alpha=0: eng('the dog') + 0.0 eng('a cat') => eng('the dog')",
        "pair=the dog > a cat alpha=0.25: 0.75 eng('the dog') + 0.25 eng('a cat') => eng('the dog')",
        "pair=the dog > a cat alpha=0.5: 0.5 eng('the dog') + 0.5 eng('a cat') => ?",
        "pair=the dog > a cat alpha=0.75: 0.25 eng('the dog') + 0.75 eng('a cat') => eng('a cat')",
        "pair=the dog > a cat alpha=1: 0.0 eng('the dog') + eng('a cat') => eng('a cat')",
      ])
  }

  @Test("between two languages of a corpus, whose ids name the pairs")
  func languages() throws {
    let keys = """
      kind: interpolation
      languages: [eng_Latn, spa_Latn]
      from: {file: pairs.tsv}
      to: {file: pairs.tsv}
      alphas: [0.75]
      """
    let sweep = try SweepText.load(keys, decode: "[eng_Latn, spa_Latn]", files: ["pairs.tsv": BadJob.pairs])
    #expect(
      try SweepText.units(sweep).first == "pair=a alpha=0.75: 0.25 eng('dog') + 0.75 spa('niño') => ? => spa('niño')")
  }

  @Test("steps are what they are written as, not what their sum is")
  func steps() throws {
    let sweep = try SweepText.load(Self.keys.replacing("step: 0.25", with: "step: 0.1"))
    #expect(sweep.axes[1] == Axis("alpha", .numbers([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])))
  }

  @Test(
    "mistakes",
    arguments: [
      BadJob.keys(
        "not as many", keys.replacing("[a cat]", with: "[a cat, a dog]"), at: 4, key: "to",
        says: "'to' has 2 sequences, 'from' has 1"),
      .keys("no language", keys.replacing("language: eng_Latn\n", with: ""), at: 0, key: "", says: "'language'"),
      .keys(
        "three languages", keys.replacing("language: eng_Latn", with: "languages: [eng_Latn, eng_Latn, spa_Latn]"),
        at: 2, key: "languages", says: "3 languages were found"),
      .keys(
        "twice", keys.replacing("[the dog]", with: "[a, a]").replacing("[a cat]", with: "[b, b]"), at: 4, key: "to",
        says: "twice"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
