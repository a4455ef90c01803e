import SweepSpec
import Testing

@Suite("shift: the difference of two positions, taken on one token, moves another")
struct ShiftSweepTests {
  private static let keys = """
    kind: shift
    language: eng_Latn
    tokens: [dog, cat]
    target_tokens: [cat]
    fillers: [_, the]
    length: 3
    """

  @Test("over tokens, target tokens, fillers, target fillers and pairs of positions")
  func good() throws {
    let sweep = try SweepText.load(Self.keys)
    #expect(sweep.axes.map(\.name) == ["token", "target_token", "filler", "target_filler", "from", "to"])
    #expect(sweep.axes.map(\.count) == [2, 1, 2, 2, 3, 3])
    #expect(
      try SweepText.probe(sweep, "token=dog target_token=cat filler=_ target_filler=the from=0 to=2")
        == "eng(cat the the) + eng(_ _ dog) - eng(dog _ _) => eng(the the cat)")
    #expect(try SweepText.probe(sweep, "token=dog target_token=cat filler=_ target_filler=_ from=1 to=1") == nil)
    #expect(try SweepText.units(sweep).count == 8 * 6)
  }

  @Test("the same token may be left out, positions and target fillers chosen")
  func chosen() throws {
    let sweep = try SweepText.load(
      Self.keys + "\nskip_same_token: true\ntarget_fillers: [a]\nfrom: [0]\nto: {from: 1, to: 2}")
    #expect(sweep.axes.map(\.count) == [2, 1, 2, 1, 1, 2])
    #expect(try SweepText.units(sweep).allSatisfy { $0.hasPrefix("token=dog") && $0.contains("target_filler=a") })
  }

  @Test(
    "mistakes",
    arguments: [
      BadJob.keys("position beyond", keys + "\nto: [3]", at: 7, key: "to[0]", says: "3 is outside 0 to 2"),
      .keys("word", keys + "\nfrom: some", at: 7, key: "from", says: "'some' was found", "'all' or a list"),
      .keys("target", keys.replacing("[cat]", with: "[speaker]"), at: 4, key: "target_tokens[0]", says: "2 pieces"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
