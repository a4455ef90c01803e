import SonarModel
import SweepSpec
import Testing

@Suite("A sweep names its units row by row")
struct SweepTests {
  static let axes = [
    Axis("token", .strings(["dog", "cat"])), Axis("length", .integers([3, 5, 8])),
    Axis("position", .range(start: 10, count: 4)),
  ]

  @Test("the last axis runs fastest")
  func rowMajor() throws {
    let sweep = try Sweep(axes: Self.axes) { _, _ in nil }
    #expect(sweep.unitCount == 24)
    var expected: [[Int]] = []
    for token in 0..<2 { for length in 0..<3 { for position in 0..<4 { expected.append([token, length, position]) } } }
    #expect((0..<sweep.unitCount).map(sweep.coordinates) == expected)
  }

  @Test("a unit's label gives every axis's value")
  func labels() throws {
    let sweep = try Sweep(axes: Self.axes) { _, _ in nil }
    #expect(sweep.label(of: 0) == "token=dog length=3 position=10")
    #expect(sweep.label(of: 7) == "token=dog length=5 position=13")
    #expect(sweep.label(of: 23) == "token=cat length=8 position=13")
  }

  @Test("a probe is asked for with its coordinates and its unit; nil is a hole")
  func probe() throws {
    let sweep = try Sweep(axes: Self.axes) { coordinates, unit in
      coordinates[2] == 3 ? nil : Probe(terms: [.init(weight: Float(coordinates[0]), .ramp(unit, dim: coordinates[1]))])
    }
    #expect(sweep.probe(of: 3) == nil)
    #expect(sweep.probe(of: 22) == Probe(terms: [.init(weight: 1, .ramp(22, dim: 2))]))
  }

  @Test("no axis is one unit")
  func noAxis() throws {
    let sweep = try Sweep(axes: []) { _, unit in Probe(terms: [.init(.ramp(unit, dim: 1))]) }
    #expect(sweep.unitCount == 1)
    #expect(sweep.coordinates(of: 0) == [])
    #expect(sweep.label(of: 0) == "")
    #expect(sweep.probe(of: 0) != nil)
  }

  @Test(
    "an empty axis is refused by name",
    arguments: [Axis.Values.strings([]), .integers([]), .range(start: 4, count: 0), .range(start: 4, count: -1)])
  func empty(_ values: Axis.Values) throws {
    let error = try #require(throws: SweepError.self) {
      try Sweep(axes: [Axis("token", .strings(["dog"])), Axis("filler", values)]) { _, _ in nil }
    }
    #expect(error.description.contains("'filler' is empty"))
  }

  @Test(
    "axes and attributes that results could not tell apart, or do not fit, are refused",
    arguments: [
      ([Axis("a", .integers([1])), Axis("A", .integers([1]))], "named 'A'"),
      ([Axis("a", .integers([1]), attributes: [.init("a", .integers([1]))])], "named 'a'"),
      ([Axis("a", .integers([1, 2]), attributes: [.init("b", .strings(["x"]))])], "'b' has 1 values, its axis 'a' 2"),
      ([Axis("a", .numbers([1, .nan]))], "not finite"),
      ([Axis("a", .integers([1]), attributes: [.init("b", .numbers([.infinity]))])], "not finite"),
    ])
  func badLabels(_ axes: [Axis], _ message: String) throws {
    let error = try #require(throws: SweepError.self) { try Sweep(axes: axes) { _, _ in nil } }
    #expect(error.description.contains(message))
  }

  @Test("2^63 - 1 units are the most")
  func most() throws {
    let sweep = try Sweep(axes: [Axis("sample", .range(start: 0, count: .max))]) { _, _ in nil }
    #expect(sweep.unitCount == UInt64(Int64.max))
    #expect(sweep.label(of: sweep.unitCount - 1) == "sample=9223372036854775806")
  }

  @Test(
    "more are refused", arguments: [[1 << 32, 1 << 31], [1 << 32, 1 << 32], [.max, 2], [1 << 40, 1 << 40, 1 << 40]])
  func overflow(_ counts: [Int]) throws {
    let error = try #require(throws: SweepError.self) {
      try Sweep(axes: counts.map { Axis("sample", .range(start: 0, count: $0)) }) { _, _ in nil }
    }
    #expect(error.description.contains("2^63"))
  }
}
