import SweepSpec
import Testing

@Suite("substitution: a token changed by arithmetic")
struct SubstitutionSweepTests {
  private static let keys = """
    kind: substitution
    language: eng_Latn
    sentences: {pieces: [dog a bit dog b, the cat]}
    filler: _
    substitutions: [{old: dog, new: cat}, {old: dog, new: cat, position: [0, 3], grammatical: yes}, {new: the, position: 2, grammatical: no}]
    """

  @Test("everywhere by the bare tokens, at one position among fillers; where the old token is not, nothing")
  func good() throws {
    let sweep = try SweepText.load(Self.keys)
    let labels = ["dog>cat", "dog>cat@0", "dog>cat@3", ">the@2"]
    #expect(
      sweep.axes == [
        Axis("sentence", .strings(["dog a bit dog b", "the cat"])),
        Axis(
          "substitution", .strings(labels),
          attributes: [
            .init("old", .strings(["dog", "dog", "dog", "any"])), .init("new", .strings(["cat", "cat", "cat", "the"])),
            .init("scope", .strings(["everywhere", "position", "position", "position"])),
            .init("position", .strings(["everywhere", "0", "3", "2"])),
            .init("grammatical", .strings(["unknown", "yes", "yes", "no"])),
          ]),
      ])
    let start = "sentence=dog a bit dog b substitution="
    #expect(
      try SweepText.units(sweep) == [
        start + "dog>cat: eng(dog a bit dog b) + eng(cat) - eng(dog) => eng(cat a bit cat b)",
        start + "dog>cat@0: eng(dog a bit dog b) + eng(cat _ _ _ _) - eng(dog _ _ _ _) => eng(cat a bit dog b)",
        start + "dog>cat@3: eng(dog a bit dog b) + eng(_ _ _ cat _) - eng(_ _ _ dog _) => eng(dog a bit cat b)",
        start + ">the@2: eng(dog a bit dog b) + eng(_ _ the _ _) - eng(_ _ bit _ _) => eng(dog a the dog b)",
      ])
  }

  @Test("scales are an axis; texts are split into their tokens")
  func scales() throws {
    let sweep = try SweepText.load(
      """
      kind: substitution
      language: eng_Latn
      sentences: [the dog sees the dog]
      substitutions: [{old: dog, new: cat}]
      scales: [0.5, 2]
      """)
    #expect(
      try SweepText.probe(sweep, "sentence=the dog sees the dog substitution=dog>cat scale=2")
        == "eng(the dog sees the dog) + 2.0 eng(cat) - 2.0 eng(dog) => eng(the cat sees the cat)")
  }

  @Test(
    "mistakes",
    arguments: [
      BadJob.keys(
        "no filler", keys.replacing("filler: _\n", with: ""), at: 4, key: "substitutions", says: "'dog>cat@0'",
        "give 'filler'"),
      .keys(
        "fits nowhere", keys.replacing("old: dog, new: cat}", with: "old: car, new: cat}"), at: 5, key: "substitutions",
        says: "'car>cat' fits no sentence"),
      .keys(
        "old missing", keys.replacing("{old: dog, new: cat}", with: "{new: cat}"), at: 5, key: "substitutions[0]",
        says: "'old' is missing"),
      .keys(
        "twice", keys.replacing("[0, 3]", with: "everywhere"), at: 5, key: "substitutions", says: "'dog>cat'", "twice"),
      .keys(
        "grammatical", keys.replacing("grammatical: no", with: "grammatical: perhaps"), at: 5,
        key: "substitutions[2].grammatical", says: "'perhaps'", "yes, no"),
      .keys(
        "new of two pieces", keys.replacing("new: the", with: "new: speaker"), at: 5, key: "substitutions[2].new",
        says: "'speaker' is 2 pieces"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
