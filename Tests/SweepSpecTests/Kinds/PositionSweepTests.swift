import SweepSpec
import Testing

@Suite("position: states of the content token")
struct PositionSweepTests {
  private static let keys = """
    kind: position
    language: eng_Latn
    tokens: [dog]
    fillers: [_]
    length: 3
    """

  @Test("without outputs there are none, and no place to read them at")
  func none() throws {
    for more in ["", "\noutputs: [embedding]"] {
      let job = try SweepText.job(Self.keys + more)
      #expect(job.spec.sweep.kind.states == [])
      #expect(try SweepText.probe(job.sweep, "token=dog filler=_ position=1") == "eng(_ dog _) => eng(_ dog _)")
    }
    #expect(try SweepText.job(Self.keys).id == SweepText.job(Self.keys + "\noutputs: [embedding]").id)
  }

  @Test("states are read where the content token stands")
  func states() throws {
    let job = try SweepText.job(Self.keys + "\noutputs: [input_state, embedding, token_state]")
    #expect(job.spec.sweep.kind.states == [.token, .input])
    #expect(
      try SweepText.units(job.sweep) == [
        "token=dog filler=_ position=0: eng(dog _ _) @ 0 => eng(dog _ _)",
        "token=dog filler=_ position=1: eng(_ dog _) @ 1 => eng(_ dog _)",
        "token=dog filler=_ position=2: eng(_ _ dog) @ 2 => eng(_ _ dog)",
      ])
  }

  @Test("lengths and positions may be ranges")
  func ranges() throws {
    let sweep = try SweepText.load(
      Self.keys.replacing("length: 3", with: "lengths: {from: 2, to: 6, step: 2}") + "\npositions: {from: 1, to: 2}")
    #expect(sweep.axes[2] == Axis("length", .integers([2, 4, 6])))
    #expect(sweep.axes[3] == Axis("position", .range(start: 1, count: 2)))
    #expect(sweep.probe(of: 1) == nil, "position 2 of length 2")
  }

  @Test(
    "mistakes in outputs",
    arguments: [
      BadJob.keys("unknown", keys + "\noutputs: [embedding, state]", at: 6, key: "outputs[1]", says: "token_state"),
      .keys("no embedding", keys + "\noutputs: [token_state]", at: 6, key: "outputs", says: "'embedding' is missing"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
