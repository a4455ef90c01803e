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
    _ = table.commit(UnitSet(2..<4))
    table.release(LeaseID(rawValue: 1), .returned)
    let again = lease(&table, 2, limit: 100)
    #expect(again?.granted == 0..<2)
    #expect(again?.attempt == 2)
    try table.validate()
  }

  @Test("a unit that its workers die of is found by halves, and given up after three deaths alone")
  func bisection() throws {
    var table = LeaseTable(unitCount: 16, committed: UnitSet())
    var number: UInt64 = 0
    var deaths = 0
    while !table.isComplete, table.quarantined.isEmpty {
      number += 1
      let lease = try leased(&table, number, limit: 16)
      if lease.units.contains(11) {
        deaths += 1
        table.release(lease.id, .workerLost)
      } else {
        _ = table.commit(lease.units)
      }
      try table.validate()
    }
    #expect(table.quarantined.map(\.key) == [11])
    #expect(deaths == 4 + 3, "four halvings of 16 units, then three deaths alone")
    while let rest = lease(&table, number + 1, limit: 16) {
      number += 1
      _ = table.commit(rest.units)
    }
    #expect(table.committed.count == 15)
    _ = table.commit(UnitSet(11..<12))
    #expect(table.isComplete && table.quarantined.isEmpty)
  }

  @Test("a worker that has other work is not given suspects")
  func suspectsAlone() throws {
    var table = LeaseTable(unitCount: 4, committed: UnitSet())
    _ = lease(&table, 1, limit: 4)
    table.release(LeaseID(rawValue: 1), .workerLost)
    #expect(lease(&table, 2, limit: 4, isIdle: false) == nil)
    #expect(lease(&table, 2, limit: 4)?.isSuspect == true)
  }

  @Test("units whose records were made, or that were given back, are no suspects")
  func innocent() throws {
    var table = LeaseTable(unitCount: 8, committed: UnitSet())
    let first = try leased(&table, 1, limit: 4)
    table.markComputed(first.id, of: worker, until: later)
    table.release(first.id, .workerLost)
    let second = try leased(&table, 2, limit: 8)
    #expect(!second.isSuspect && second.granted == 0..<4)
    table.release(second.id, .returned)
    #expect(lease(&table, 3, limit: 8)?.isSuspect == false)
  }

  @Test("a lease that takes long lends its tail, and whoever is overtaken is told")
  func lend() throws {
    var table = LeaseTable(unitCount: 8, committed: UnitSet())
    let slow = try leased(&table, 1, limit: 8)
    _ = table.commit(UnitSet(0..<2))
    #expect(table.straggler(at: later, olderThan: .seconds(6)) == nil)
    let (found, seconds) = try #require(table.straggler(at: later, olderThan: .seconds(1)))
    #expect(found.id == slow.id)
    #expect(seconds == 15, "two units took five seconds, six are left")
    let other = InstanceID()
    let lent = table.lend(slow.id, as: LeaseID(rawValue: 2), to: other, at: later, deadline: later + .seconds(5))
    let backup = try #require(lent)
    #expect(backup.granted == 5..<8)
    try table.validate()
    #expect(table.straggler(at: later + .seconds(9), olderThan: .seconds(1))?.lease.id == slow.id, "help is not helped")
    #expect(table.commit(UnitSet(5..<8)).map(\.id) == [backup.id], "somebody else was first")
    #expect(table.commit(UnitSet(2..<5)).map(\.id) == [slow.id], "it need not compute what it lent")
    #expect(table.isComplete)
  }

  @Test("the store's word counts: units it has lost are done again")
  func lostCommit() throws {
    var table = LeaseTable(unitCount: 8, committed: UnitSet(0..<6))
    _ = table.replaceCommitted(UnitSet([0..<2, 4..<7]))
    try table.validate()
    #expect(table.committed.ranges == [0..<2, 4..<7])
    #expect(lease(&table, 1, limit: 8)?.granted == 2..<4)
  }

  @Test("a lease ends when its units are committed, whoever computed them")
  func commit() throws {
    var table = LeaseTable(unitCount: 10, committed: UnitSet())
    _ = grant(&table, 1, limit: 5)
    _ = table.commit(UnitSet(0..<8))
    #expect(table.leases.isEmpty)
    #expect(table.waitingCount == 2)
    _ = table.commit(UnitSet(8..<10))
    #expect(table.isComplete)
    try table.validate()
  }

  @Test("only its own worker renews a lease")
  func renew() {
    var table = LeaseTable(unitCount: 10, committed: UnitSet())
    _ = grant(&table, 1, limit: 5)
    let end = later + .seconds(10)
    table.renew(LeaseID(rawValue: 1), of: InstanceID(), until: end)
    #expect(table.expired(at: later).map(\.id) == [LeaseID(rawValue: 1)])
    let isKnown = [99, 1].map { table.renew(LeaseID(rawValue: $0), of: worker, until: end) }
    #expect(isKnown == [false, true])
    #expect(table.expired(at: later).isEmpty)
  }

  @Test("whatever happens, every unit is in exactly one state")
  func anything() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<200 {
      let count = UInt64.random(in: 1...200, using: &random)
      var table = LeaseTable(unitCount: count, committed: UnitSet())
      for id in 1...60 {
        switch Int.random(in: 0..<8, using: &random) {
        case 0...2: _ = grant(&table, UInt64(id), limit: .random(in: 1...20, using: &random))
        case 3:
          if let lease = table.leases.keys.sorted().randomElement(using: &random) { table.release(lease, .workerLost) }
        case 4:
          if let lease = table.leases.keys.sorted().randomElement(using: &random) { table.release(lease, .returned) }
        case 5:
          if let lender = table.leases.keys.sorted().randomElement(using: &random) {
            _ = table.lend(lender, as: LeaseID(rawValue: UInt64(id)), to: worker, at: .zero, deadline: later)
          }
        case 6:
          let lost = UInt64.random(in: 0..<count, using: &random)
          _ = table.replaceCommitted(table.committed.subtracting(UnitSet(lost..<lost + 1)))
        default:
          let start = UInt64.random(in: 0..<count, using: &random)
          _ = table.commit(UnitSet(start..<min(count, start + .random(in: 1...30, using: &random))))
        }
        try table.validate()
      }
    }
  }

  private func grant(_ table: inout LeaseTable, _ id: UInt64, limit: UInt64) -> UnitRange? {
    lease(&table, id, limit: limit)?.granted
  }

  private func leased(_ table: inout LeaseTable, _ id: UInt64, limit: UInt64) throws -> LeaseTable.Lease {
    let lease = lease(&table, id, limit: limit)
    return try #require(lease)
  }

  private func lease(_ table: inout LeaseTable, _ id: UInt64, limit: UInt64, isIdle: Bool = true) -> LeaseTable.Lease? {
    table.grant(LeaseID(rawValue: id), to: worker, limit: limit, isIdle: isIdle, at: .zero, deadline: later)
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

  @Test("leases that end together, with all the time at the first, are no faster for it")
  func together() {
    var sizer = ShardSizer()
    for _ in 0..<20 {
      sizer.observe(units: 50, seconds: 1)
      sizer.observe(units: 50, seconds: 1e-6)
    }
    let speed = sizer.unitsPerSecond ?? 0
    #expect(abs(speed - 100) < 1)
    for _ in 0..<3 { _ = sizer.next(remaining: 1 << 40, workers: 2) }
    #expect((99...101).contains(sizer.next(remaining: 1 << 40, workers: 2)))
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
