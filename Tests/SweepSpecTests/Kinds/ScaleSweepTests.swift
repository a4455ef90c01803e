import SweepSpec
import Testing

@Suite("scale: sequences moved along vectors, or scaled themselves")
struct ScaleSweepTests {
  private static let keys = "kind: scale\nlanguage: eng_Latn\nsentences: [the dog]\nalphas: [-0.5, 1]"

  @Test("without a vector the embedding itself is scaled")
  func alone() throws {
    let sweep = try SweepText.load(Self.keys)
    #expect(
      try SweepText.units(sweep) == [
        "sentence=the dog alpha=-0.5: -0.5 eng('the dog') => eng('the dog')",
        "sentence=the dog alpha=1: eng('the dog') => eng('the dog')",
      ])
  }

  @Test("several vectors are an axis, one is none")
  func vectors() throws {
    var job = WireJob()
    let (up, down) = (job.vector("up", [1, 2]), job.vector("down", [3, 4]))
    func sweep(_ vectors: String, hasAxis: Bool) throws -> Sweep {
      try job.sweep(
        "scale",
        """
        {"language": "eng_Latn", "sentences": {"form": "text", "source": {"cells": {"_0": ["the dog"]}}},
         "alphas": [0.5], "vectors": [\(vectors)], "has_vector_axis": \(hasAxis)}
        """)
    }
    #expect(
      try SweepText.units(sweep("\(up), \(down)", hasAxis: true)) == [
        "sentence=the dog vector=up alpha=0.5: eng('the dog') + 0.5 <up> => eng('the dog')",
        "sentence=the dog vector=down alpha=0.5: eng('the dog') + 0.5 <down> => eng('the dog')",
      ])
    #expect(
      try SweepText.units(sweep(up, hasAxis: false)) == [
        "sentence=the dog alpha=0.5: eng('the dog') + 0.5 <up> => eng('the dog')"
      ])
  }

  @Test(
    "mistakes",
    arguments: [
      BadJob.keys("unknown vector", keys + "\nvector: up", at: 5, key: "vector", says: "names no 'up'"),
      .keys("both", keys + "\nvector: up\nvectors: [up]", at: 6, key: "vectors", says: "keep one of the two"),
      .keys("no alphas", keys.replacing("\nalphas: [-0.5, 1]", with: ""), at: 0, key: "", says: "'alphas' is missing"),
    ])
  func bad(_ bad: BadJob) throws { try bad.check() }
}
