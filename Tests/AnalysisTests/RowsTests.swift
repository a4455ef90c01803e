import Analysis
import SweepSpec
import Testing

@Suite("Rows of a run")
struct RowsTests {
  private let axes = [
    Axis("token", .strings(["dog", "cat"]), attributes: [.init("kind", .strings(["pet", "pet"]))]),
    Axis("position", .range(start: 1, count: 3), attributes: [.init("parity", .strings(["odd", "even", "odd"]))]),
  ]

  /// The indices of the units read.
  private func read(_ select: [String: [String]], missing: Set<Int> = []) throws -> [UInt64] {
    let rows = (0..<6).map { [missing.contains($0) ? Float.nan : Float($0)] }
    var units: [UInt64] = []
    try UnitRows(axes: axes, rows: rows, select: Selection(select)).forEachUnit { unit, row in
      #expect(row[0] == Float(unit.index))
      #expect(unit.coordinates == [Int(unit.index) / 3, Int(unit.index) % 3])
      units.append(unit.index)
    }
    return units
  }

  @Test("a selection by axes and attributes")
  func selection() throws {
    #expect(try read([:]) == [0, 1, 2, 3, 4, 5])
    #expect(try read(["token": ["cat"]]) == [3, 4, 5])
    #expect(try read(["position": ["3", "1"]]) == [0, 2, 3, 5])
    #expect(try read(["parity": ["odd"], "token": ["dog"]]) == [0, 2])
    #expect(try read(["parity": ["odd"], "position": ["2"]]) == [])
  }

  @Test("units that are not done are left out")
  func missing() throws { #expect(try read([:], missing: [1, 4]) == [0, 2, 3, 5]) }

  @Test("what is not there is an error")
  func unknown() {
    #expect(throws: AnalysisError.self) { try read(["colour": ["red"]]) }
    #expect(throws: AnalysisError.self) { try read(["token": ["cow"]]) }
    #expect(throws: AnalysisError.self) { try read(["position": ["4"]]) }
  }

  @Test("groups by labels, and their names")
  func grouping() throws {
    let labels = Labels(axes: axes)
    let grouping = try Grouping(labels.find(["token", "parity"]))
    #expect(grouping.count == 4)
    #expect(grouping.id([1, 2]) == 2)
    #expect(grouping.describe(3) == ["token": "cat", "parity": "even"])
  }

  @Test("too many groups are an error, not a table that fills memory")
  func tooManyGroups() {
    let labels = Labels(axes: [
      Axis("a", .range(start: 0, count: 1 << 30)), Axis("b", .range(start: 0, count: 1 << 40)),
    ])
    #expect(throws: AnalysisError.self) { try Grouping(labels.all) }
  }

  @Test("means over an axis")
  func means() throws {
    let rows = try UnitRows(axes: axes, rows: (0..<6).map { [Float($0)] }).mean(over: ["token"])
    var values: [Float] = []
    try rows.forEachUnit { values.append($1[0]) }
    #expect(values == [1.5, 2.5, 3.5])
  }
}
