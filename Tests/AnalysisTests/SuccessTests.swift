import Analysis
import ResultStore
import SweepSpec
import Testing

@Suite("Success of decodes")
struct SuccessTests {
  private let labels = Labels(
    axes: [Axis("filler", .strings(["_", "the"])), Axis("position", .range(start: 0, count: 3))],
    targets: ["eng_Latn", "spa_Latn"])

  /// Unit u is exact in English where u is even; in Spanish never, with 2 of 4 tokens wrong.
  private func rates(by: [String], select: [String: [String]] = [:]) throws -> AnalysisResult {
    var rates = try SuccessRates(labels, by: by, select: Selection(select))
    for unit in 0..<UInt64(6) {
      let isExact = unit % 2 == 0
      try rates.add(
        DecodeOutcome(unit: unit, target: "eng_Latn", isExact: isExact, expectedTokens: 4, tokenErrors: isExact ? 0 : 1)
      )
      try rates.add(DecodeOutcome(unit: unit, target: "spa_Latn", isExact: false, expectedTokens: 4, tokenErrors: 2))
    }
    return try Success(by: by, select: Selection(select)).answer(rates)
  }

  @Test("rates over all, by an axis and by the language decoded into")
  func byOne() throws {
    #expect(try rates(by: []).value("exact_match_rate") == 0.25)
    #expect(isNear(try rates(by: []).value("token_error_rate"), 15.0 / 48))
    #expect(try rates(by: ["target"]).value("exact_match_rate", ["target": "eng_Latn"]) == 0.5)
    // Units 0, 1, 2 have "_": two of three in English.
    let filler = try rates(by: ["filler"]).finding("exact_match_rate", ["filler": "_"])
    #expect(isNear(filler.value, 2.0 / 6))
    #expect(filler.n == 6)
    #expect(filler.interval == Wilson.interval(2, of: 6))
  }

  @Test("a selection is part of the labels")
  func selection() throws {
    let result = try rates(by: ["filler"], select: ["target": ["eng_Latn"]])
    #expect(isNear(try result.value("exact_match_rate", ["filler": "_", "target": "eng_Latn"]), 2.0 / 3))
  }

  @Test("two labels make a matrix, a numeric one a curve, another one bars")
  func figures() throws {
    let matrix = try #require(rates(by: ["filler", "position"]).figures.first)
    guard case .heatmap(let map) = matrix.content else { throw AnalysisError("no heat map") }
    #expect(map.values == [[0.5, 0, 0.5], [0, 0.5, 0]])
    guard case .lines = try #require(rates(by: ["position"]).figures.first).content else {
      throw AnalysisError("no curve")
    }
    guard case .bars = try #require(rates(by: ["filler"]).figures.first).content else { throw AnalysisError("no bars") }
  }

  @Test("no expectations, no answer")
  func nothing() throws {
    let empty = try SuccessRates(labels, by: [], select: Selection())
    #expect(throws: AnalysisError.self) { try Success().answer(empty) }
  }
}
