import SonarModel
import SweepSpec
import Testing

@Suite("length: round trips of text, a repeated token and random tokens")
struct LengthSweepTests {
  private static let keys = """
    kind: length
    language: eng_Latn
    lengths: {from: 2, to: 3}
    samples: 2
    text: [the dog, a cat sleeps, the cat, a dog, the]
    repeated: [dog]
    random: {seed: 7}
    """

  @Test("sentences by their length, tokens repeated, tokens drawn")
  func good() throws {
    let sweep = try SweepText.load(Self.keys)
    #expect(sweep.axes[0] == Axis("form", .strings(["text", "repeated", "random"])))
    #expect(sweep.axes.map(\.name) == ["form", "length", "sample"])
    #expect(
      try SweepText.units(sweep).filter { !$0.contains("random") } == [
        "form=text length=2 sample=0: eng(the dog) => eng(the dog)",
        "form=text length=2 sample=1: eng(the cat) => eng(the cat)",
        "form=text length=3 sample=0: eng(a cat sleeps) => eng(a cat sleeps)",
        "form=repeated length=2 sample=0: eng(dog dog) => eng(dog dog)",
        "form=repeated length=3 sample=0: eng(dog dog dog) => eng(dog dog dog)",
      ])
  }

  @Test("random tokens depend on seed, length and sample, and are the same each time")
  func random() throws {
    func drawn(_ random: String) throws -> [[TokenName]] {
      let sweep = try SweepText.load(
        "kind: length\nlanguage: eng_Latn\nlengths: [5, 6]\nsamples: 3\nrandom: \(random)")
      #expect(sweep.axes.map(\.name) == ["length", "sample"])
      return try (0..<sweep.unitCount).map { try GoodJobTests.content(sweep.probe(of: $0)) }
    }
    let first = try drawn("{seed: 7}")
    #expect(try drawn("{seed: 7}") == first)
    #expect(try drawn("{seed: 8}") != first)
    #expect(Set(first).count == 6)
    #expect(first.map(\.count) == [5, 5, 5, 6, 6, 6])
    let few = try drawn("{seed: 7, tokens: [dog, cat]}").flatMap { $0 }
    #expect(Set(few) == [.word("dog"), .word("cat")])
  }

  @Test(
    "mistakes",
    arguments: [
      BadJob.keys(
        "no forms", "kind: length\nlanguage: eng_Latn\nlengths: [1]", at: 0, key: "", says: "at least one of"),
      .keys(
        "no such lengths", "kind: length\nlanguage: eng_Latn\nlengths: [9]\ntext: [the dog, a]", at: 4, key: "text",
        says: "they have 1 to 2 tokens"),
      .keys("zero", keys.replacing("from: 2", with: "from: 0"), at: 3, key: "lengths.from", says: "0 is outside"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
