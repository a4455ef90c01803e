import SweepSpec
import Testing

@Suite("growth: a token repeated, and the difference that repeats it once more")
struct GrowthSweepTests {
  private static let keys = "kind: growth\nlanguage: eng_Latn\ntokens: [dog]"

  @Test("counts alone are sequences")
  func counts() throws {
    #expect(
      try SweepText.units(SweepText.load(Self.keys + "\ncounts: {from: 1, to: 3}")) == [
        "token=dog count=1: eng(dog) => eng(dog)", "token=dog count=2: eng(dog dog) => eng(dog dog)",
        "token=dog count=3: eng(dog dog dog) => eng(dog dog dog)",
      ])
  }

  @Test("steps alone start at one token")
  func steps() throws {
    #expect(
      try SweepText.units(SweepText.load(Self.keys + "\nsteps: [0, 1, 2]")) == [
        "token=dog step=0: eng(dog) => eng(dog)",
        "token=dog step=1: eng(dog) + eng(dog dog) - eng(dog) => eng(dog dog)",
        "token=dog step=2: eng(dog) + 2.0 eng(dog dog) - 2.0 eng(dog) => eng(dog dog dog)",
      ])
  }

  @Test("both are two axes")
  func both() throws {
    let sweep = try SweepText.load(Self.keys + "\ncounts: [2]\nsteps: [1]")
    #expect(
      try SweepText.units(sweep) == [
        "token=dog count=2 step=1: eng(dog dog) + eng(dog dog dog) - eng(dog dog) => eng(dog dog dog)"
      ])
  }

  @Test(
    "mistakes",
    arguments: [
      BadJob.keys("neither", keys, at: 0, key: "", says: "'counts'", "'steps'"),
      .keys("no token", keys + "\ncounts: [0]", at: 4, key: "counts[0]", says: "0 is outside 1 to 511"),
      .keys("too long", keys + "\ncounts: [500]\nsteps: [20]", at: 0, key: "", says: "520 tokens", "reads 512"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
