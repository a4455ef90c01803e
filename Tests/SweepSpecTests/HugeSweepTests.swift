import SonarModel
import SweepSpec
import Testing

@Suite("A sweep of 10^12 units is as small as its axes")
struct HugeSweepTests {
  @Test("every token among every filler, at every position of 200 lengths")
  func tokens() throws {
    let lengths = (1...200).map(String.init).joined(separator: ", ")
    let all = "{ids: {from: 4, to: 5196}}"
    let sweep = try JobDirectory(
      """
      name: huge
      sweep:
        kind: position
        language: eng_Latn
        tokens: \(all)
        fillers: \(all)
        lengths: [\(lengths)]
        positions: all
      """
    ).load().sweep
    #expect(sweep.unitCount == 5193 * 5193 * 200 * 200)
    #expect(sweep.unitCount > 1_000_000_000_000)

    #expect(sweep.label(of: 0) == "token=4 filler=4 length=1 position=0")
    #expect(try GoodJobTests.content(sweep.probe(of: 0)) == [.id(TokenID(4))])
    #expect(sweep.probe(of: 1) == nil, "position 1 of length 1")

    let last = sweep.unitCount - 1
    #expect(sweep.label(of: last) == "token=5196 filler=5196 length=200 position=199")
    let before = last - 200 * 200
    #expect(sweep.label(of: before) == "token=5196 filler=5195 length=200 position=199")
    let content = [TokenName](repeating: .id(TokenID(5195)), count: 199) + [.id(TokenID(5196))]
    #expect(try GoodJobTests.content(sweep.probe(of: before)) == content)
  }

  @Test("10^12 synthetic units")
  func null() throws {
    let sweep = try JobDirectory(BadJob.nullJob.replacing("units: 10", with: "units: 1000000000000")).load().sweep
    #expect(sweep.unitCount == 1_000_000_000_000)
    #expect(sweep.probe(of: 999_999_999_999) == Probe(terms: [.init(.ramp(999_999_999_999, dim: 1024))]))
  }
}
