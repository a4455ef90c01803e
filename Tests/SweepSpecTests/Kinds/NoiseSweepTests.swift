import SweepSpec
import Testing

@Suite("noise: sequences, scales and seeds")
struct NoiseSweepTests {
  private static let keys = """
    kind: noise
    language: eng_Latn
    sentences: [the dog, a cat]
    scales: [0, 0.25]
    seeds: {from: 3, to: 4}
    """

  @Test("a scale of 0 is no noise")
  func good() throws {
    let sweep = try SweepText.load(Self.keys)
    #expect(sweep.axes.map(\.name) == ["sentence", "scale", "seed"])
    #expect(
      try SweepText.units(sweep).prefix(4) == [
        "sentence=the dog scale=0 seed=3: eng('the dog') => eng('the dog')",
        "sentence=the dog scale=0 seed=4: eng('the dog') => eng('the dog')",
        "sentence=the dog scale=0.25 seed=3: eng('the dog') ~ 0.25 seed 3 => eng('the dog')",
        "sentence=the dog scale=0.25 seed=4: eng('the dog') ~ 0.25 seed 4 => eng('the dog')",
      ])
  }

  @Test("sequences may be pieces, ids, or the first of a file's column")
  func sequences() throws {
    let files = ["c.tsv": "id\tspa_Latn\nx\tel perro\ny\tel gato\n"]
    for (sentences, axis, probe) in [
      ("{pieces: [dog _ _]}", Axis("sentence", .strings(["dog _ _"])), "eng(dog _ _)"),
      ("{ids: ['75 80']}", Axis("sentence", .strings(["75 80"])), nil),
      ("{file: c.tsv, column: spa_Latn, limit: 1}", Axis("sentence", .strings(["x"])), "eng('el perro')"),
    ] {
      let sweep = try SweepText.load(
        Self.keys.replacing("[the dog, a cat]", with: sentences), decode: "[fra_Latn]", files: files)
      #expect(sweep.axes[0] == axis)
      if let probe { #expect(try SweepText.text(#require(sweep.probe(of: 0))) == "\(probe) => ?") }
    }
  }

  @Test(
    "mistakes",
    arguments: [
      BadJob.keys(
        "negative scale", keys.replacing("0.25", with: "-1"), at: 4, key: "scales[1]", says: "-1 was found",
        "from 0 to 1000000"),
      .keys("word for a scale", keys.replacing("0.25", with: "low"), at: 4, key: "scales[1]", says: "'low'"),
      .keys("infinite scale", keys.replacing("0.25", with: ".inf"), at: 4, key: "scales[1]", says: "'.inf'"),
      .keys("scale twice", keys.replacing("0.25", with: "0.0"), at: 4, key: "scales[1]", says: "already"),
      .keys(
        "piece", keys.replacing("[the dog, a cat]", with: "{pieces: [the speaker]}"), at: 3, key: "sentences.pieces[0]",
        says: "'speaker' is 2 pieces"),
      .keys(
        "two forms", keys.replacing("[the dog, a cat]", with: "{pieces: [the], text: [a]}"), at: 3, key: "sentences",
        says: "'text', 'pieces' or 'ids'"),
      .keys(
        "column", keys.replacing("[the dog, a cat]", with: "{file: c.tsv}"), at: 3, key: "sentences.file",
        files: ["c.tsv": "spa_Latn\nel\n"], says: "no column 'eng_Latn'", "column: NAME"),
      .keys("steps", keys.replacing("[0, 0.25]", with: "{from: 0, to: 1}"), at: 4, key: "scales", says: "'step'"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
