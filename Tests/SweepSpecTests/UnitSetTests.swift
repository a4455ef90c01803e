import SweepSpec
import TestSupport
import Testing

@Suite("A set of units is a set")
struct UnitSetTests {
  static let universe: UnitRange = 0..<120

  @Test("3,000 random operations agree with a plain set", arguments: 1...8 as ClosedRange<UInt64>)
  func reference(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var (units, plain) = (UnitSet(), Set<UnitIndex>())
    for step in 0..<3000 {
      let range = Self.range(&random)
      let operation = Int.random(in: 0..<6, using: &random)
      switch operation {
      case 0:
        units.insert(range)
        plain.formUnion(range)
      case 1:
        units.remove(range)
        plain.subtract(range)
      case 2:
        let limit = UInt64.random(in: 0...20, using: &random)
        let taken = units.takeFirst(limit)
        try #require(taken.map(Array.init) == Self.firstRun(of: plain, limit: limit), "step \(step)")
        plain.subtract(taken ?? 0..<0)
      case 3:
        let other = Self.ranges(&random)
        units.formUnion(UnitSet(other))
        plain.formUnion(other.joined())
      case 4:
        let other = Self.ranges(&random)
        let difference = units.subtracting(UnitSet(other))
        units.subtract(UnitSet(other))
        try #require(difference == units, "step \(step)")
        plain.subtract(other.joined())
      default:
        for unit in Self.universe { try #require(units.contains(unit) == plain.contains(unit), "step \(step)") }
      }
      try #require(Array(units.ranges.joined()) == plain.sorted(), "step \(step), operation \(operation), \(range)")
      try Self.requireValid(units)
    }
  }

  @Test("the same units make the same set, in whatever order they come")
  func order() {
    let ranges: [UnitRange] = [5..<7, 0..<2, 7..<9, 1..<5]
    #expect(UnitSet(ranges) == UnitSet(0..<9))
    #expect(UnitSet(ranges.reversed()) == UnitSet(0..<9))
    #expect(UnitSet(ranges).hashValue == UnitSet(0..<9).hashValue)
  }

  @Test("ranges that touch become one; a gap of one unit stays")
  func touching() {
    #expect(UnitSet([0..<3, 3..<6]).ranges == [0..<6])
    #expect(UnitSet([0..<3, 4..<6]).ranges == [0..<3, 4..<6])
    #expect(UnitSet([0..<3, 4..<6, 3..<4]).ranges == [0..<6])
  }

  @Test("removing from the middle splits a range")
  func split() {
    var units = UnitSet(0..<10)
    units.remove(4..<6)
    #expect(units.ranges == [0..<4, 6..<10])
    #expect(units.count == 8)
  }

  @Test("an empty range changes nothing")
  func empty() {
    var units = UnitSet(2..<4)
    units.insert(3..<3)
    units.insert(9..<9)
    units.remove(3..<3)
    #expect(units == UnitSet(2..<4))
    #expect(UnitSet(5..<5).isEmpty)
    #expect(UnitSet().first == nil)
  }

  @Test("what is taken is contiguous, from the front, and gone")
  func take() {
    var units = UnitSet([2..<5, 8..<20])
    #expect(units.takeFirst(10) == 2..<5)
    #expect(units.takeFirst(4) == 8..<12)
    #expect(units.takeFirst(0) == nil)
    #expect(units.takeFirst(.max) == 12..<20)
    #expect(units.takeFirst(1) == nil)
    #expect(units.isEmpty)
  }

  @Test("the largest sweep is as small as one range")
  func large() {
    let all: UnitRange = 0..<UInt64(Int64.max)
    var units = UnitSet(all)
    units.insert(all)
    #expect(units.count == all.upperBound)
    #expect(units.takeFirst(1_000_000_000_000) == 0..<1_000_000_000_000)
    units.remove(2_000_000_000_000..<2_000_000_000_001)
    #expect(units.ranges.count == 2)
    #expect(units.contains(all.upperBound - 1))
    #expect(!units.contains(all.upperBound))
    #expect(units.count == all.upperBound - 1_000_000_000_001)
  }

  @Test("no range of 64-bit units is too large, even one no sweep can have")
  func largest() async {
    await #expect(processExitsWith: .success) {
      var units = UnitSet(1..<UInt64.max)
      units.insert(0..<5)
      #expect(units.ranges == [0..<UInt64.max])
      #expect(units.count == .max)
    }
  }

  private static func range(_ random: inout SplitMix64) -> UnitRange {
    let start = UInt64.random(in: universe, using: &random)
    return start..<min(universe.upperBound, start + UInt64.random(in: 0...15, using: &random))
  }

  private static func ranges(_ random: inout SplitMix64) -> [UnitRange] {
    (0..<Int.random(in: 0...4, using: &random)).map { _ in range(&random) }
  }

  /// The first contiguous units, `limit` at most; nil where there are none.
  private static func firstRun(of units: Set<UnitIndex>, limit: UInt64) -> [UnitIndex]? {
    guard let first = units.min(), limit > 0 else { return nil }
    return (first..<first + limit).prefix { units.contains($0) }.map { $0 }
  }

  /// Sorted, disjoint, not touching, none empty, and counted.
  private static func requireValid(_ units: UnitSet) throws {
    for range in units.ranges { try #require(!range.isEmpty) }
    for (a, b) in zip(units.ranges, units.ranges.dropFirst()) { try #require(a.upperBound < b.lowerBound) }
    try #require(units.count == units.ranges.reduce(0) { $0 + UInt64($1.count) })
    try #require(units.isEmpty == units.ranges.isEmpty)
    try #require(units.first == units.ranges.first?.lowerBound)
  }
}
