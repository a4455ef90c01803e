import Coordinator
import FleetProtocol
import SweepSpec
import TestSupport
import Testing

@Suite("Lease table")
struct LeaseTableTests {
  let worker = InstanceID()
  let later = MonotonicInstant(sinceStart: .seconds(5))

  @Test("units are leased in order, once, and committed units never")
  func grant() throws {
    var table = LeaseTable(unitCount: 10, committed: UnitSet(3..<5))
    #expect(grant(&table, 1, limit: 100) == 0..<3)
    #expect(grant(&table, 2, limit: 2) == 5..<7)
    #expect(grant(&table, 3, limit: 100) == 7..<10)
    #expect(grant(&table, 4, limit: 100) == nil)
    try table.validate()
  }

  @Test("a lease that is released is offered again, first and with a higher attempt")
  func release() throws {
    var table = LeaseTable(unitCount: 100, committed: UnitSet())
    _ = grant(&table, 1, limit: 10)
    table.commit(UnitSet(2..<4))
    table.release(LeaseID(rawValue: 1))
    let again = table.grant(LeaseID(rawValue: 2), to: worker, limit: 100, deadline: later)
    #expect(again?.units == 0..<2)
    #expect(again?.attempt == 2)
    try table.validate()
  }

  @Test("a lease ends when its units are committed, whoever computed them")
  func commit() throws {
    var table = LeaseTable(unitCount: 10, committed: UnitSet())
    _ = grant(&table, 1, limit: 5)
    table.commit(UnitSet(0..<8))
    #expect(table.leases.isEmpty)
    #expect(table.waitingCount == 2)
    table.commit(UnitSet(8..<10))
    #expect(table.isComplete)
    try table.validate()
  }

  @Test("only its own worker renews a lease")
  func renew() {
    var table = LeaseTable(unitCount: 10, committed: UnitSet())
    _ = grant(&table, 1, limit: 5)
    let end = later + .seconds(10)
    table.renew([LeaseID(rawValue: 1)], of: InstanceID(), until: end)
    #expect(table.expired(at: later).map(\.id) == [LeaseID(rawValue: 1)])
    table.renew([LeaseID(rawValue: 1), LeaseID(rawValue: 99)], of: worker, until: end)
    #expect(table.expired(at: later).isEmpty)
  }

  @Test("whatever happens, every unit is in exactly one state")
  func anything() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<200 {
      let count = UInt64.random(in: 1...200, using: &random)
      var table = LeaseTable(unitCount: count, committed: UnitSet())
      for id in 1...60 {
        switch Int.random(in: 0..<4, using: &random) {
        case 0, 1: _ = grant(&table, UInt64(id), limit: .random(in: 1...20, using: &random))
        case 2: if let lease = table.leases.keys.randomElement(using: &random) { table.release(lease) }
        default:
          let start = UInt64.random(in: 0..<count, using: &random)
          table.commit(UnitSet(start..<min(count, start + .random(in: 1...30, using: &random))))
        }
        try table.validate()
      }
    }
  }

  private func grant(_ table: inout LeaseTable, _ id: UInt64, limit: UInt64) -> UnitRange? {
    table.grant(LeaseID(rawValue: id), to: worker, limit: limit, deadline: later)?.units
  }
}

@Suite("Shard sizes")
struct ShardSizerTests {
  @Test("sizes grow towards a second of work, step by step", arguments: [(2.0, 2), (1000.0, 1000), (1e9, 65_536)])
  func growth(unitsPerSecond: Double, expected: UInt64) {
    var sizer = ShardSizer()
    var size = sizer.next(remaining: 1 << 40, workers: 2)
    #expect(size == ShardSizer.first)
    for _ in 0..<20 {
      sizer.observe(units: size, seconds: Double(size) / unitsPerSecond)
      let next = sizer.next(remaining: 1 << 40, workers: 2)
      #expect(next <= 8 * size)
      size = next
    }
    #expect(size == expected)
  }

  @Test("the last units are shared out, and there is always one")
  func tail() {
    var sizer = ShardSizer()
    sizer.observe(units: 1000, seconds: 1)
    _ = sizer.next(remaining: 1 << 20, workers: 4)
    #expect(sizer.next(remaining: 40, workers: 4) == 5)
    #expect(sizer.next(remaining: 1, workers: 4) == 1)
  }

  @Test("nonsense measurements change nothing", arguments: [(0, 1.0), (5, -1.0), (5, .nan), (5, .infinity)])
  func nonsense(units: UInt64, seconds: Double) {
    var sizer = ShardSizer()
    sizer.observe(units: units, seconds: seconds)
    #expect(sizer.next(remaining: 1 << 20, workers: 1) == ShardSizer.first)
  }
}
