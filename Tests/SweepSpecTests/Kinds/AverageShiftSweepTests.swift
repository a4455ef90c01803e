import SweepSpec
import Testing

@Suite("average-shift: a table of vectors over positions moves a token")
struct AverageShiftSweepTests {
  @Test("by the difference of two rows, to every other position")
  func good() throws {
    var job = WireJob()
    let sweep = try Self.sweep(job.vector("means", [0, 1, 2, 3, 4, 5], rows: ["0", "1", "2"]), job)
    #expect(sweep.axes.map(\.name) == ["token", "filler", "from", "to"])
    #expect(
      try SweepText.units(sweep) == [
        "token=dog filler=_ from=0 to=1: eng(dog _ _) + <means[1]> - <means[0]> => eng(_ dog _)",
        "token=dog filler=_ from=0 to=2: eng(dog _ _) + <means[2]> - <means[0]> => eng(_ _ dog)",
      ])
    let probe = try #require(sweep.probe(of: 1))
    #expect(probe.terms[1].source == .vector(NamedVector(name: "means[1]", values: [2, 3])))
  }

  @Test("a table without a position, or a single vector, is refused")
  func bad() throws {
    var job = WireJob()
    for vector in [job.vector("means", [0, 1, 2, 3], rows: ["0", "1"]), job.vector("means", [0, 1])] {
      let error = try #require(throws: SweepError.self) { try Self.sweep(vector, job) }
      #expect(error.description.contains("no row for position 2") || error.description.contains("a single vector"))
    }
  }

  @Test("a job that names no such table is told so")
  func unknown() throws {
    let keys = "kind: average-shift\nshifts: means\nlanguage: eng_Latn\ntokens: [dog]\nfillers: [_]\nlength: 3"
    try BadJob.keys("unknown", keys, at: 2, key: "shifts", says: "names no 'means'").check()
  }

  private static func sweep(_ shifts: String, _ job: WireJob) throws -> Sweep {
    try job.sweep(
      "average-shift",
      """
      {"shifts": \(shifts), "language": "eng_Latn", "tokens": ["dog"], "fillers": ["_"], "length": 3, "from": [0],
       "to": {"from": 0, "to": 2}}
      """)
  }
}
