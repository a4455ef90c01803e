import SweepSpec
import Testing

@Suite("labelled: sentences of two or more classes")
struct LabelledSweepTests {
  private static let keys = "kind: labelled\nfile: c.tsv\nlanguage: eng_Latn"

  @Test("the class, and the pair where there is one, are attributes of the sentence")
  func good() throws {
    let sweep = try SweepText.load(
      Self.keys, files: ["c.tsv": "id\teng_Latn\tlabel\tpair\na\tthe dog\tgood\t1\nb\tdog the\tbad\t1\n"])
    #expect(
      sweep.axes == [
        Axis(
          "sentence", .strings(["a", "b"]),
          attributes: [.init("label", .strings(["good", "bad"])), .init("pair", .strings(["1", "1"]))])
      ])
    #expect(
      try SweepText.units(sweep) == [
        "sentence=a: eng('the dog') => eng('the dog')", "sentence=b: eng('dog the') => eng('dog the')",
      ])
  }

  @Test("columns may have other names, cells may be pieces")
  func columns() throws {
    let sweep = try SweepText.load(
      Self.keys + "\ncolumn: sum\nlabel: right\nform: pieces", files: ["c.tsv": "sum\tright\ndog\tyes\ncat\tno\n"])
    #expect(sweep.axes[0].attributes == [.init("label", .strings(["yes", "no"]))])
    #expect(try SweepText.probe(sweep, "sentence=2") == "eng(cat) => eng(cat)")
  }

  @Test(
    "mistakes",
    arguments: [
      BadJob.keys(
        "no label column", keys, at: 2, key: "file", files: ["c.tsv": "id\teng_Latn\na\tdog\n"],
        says: "no column 'label'", "label: NAME"),
      .keys(
        "one class", keys, at: 2, key: "file", files: ["c.tsv": "eng_Latn\tlabel\ndog\ta\ncat\ta\n"],
        says: "the label 'a'", "two or more classes"),
      .keys(
        "no such column", keys + "\ncolumn: sum", at: 4, key: "column", files: ["c.tsv": "eng_Latn\tlabel\ndog\ta\n"],
        says: "no column 'sum'", "it has eng_Latn, label"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
