import FleetProtocol
import SweepSpec

/// Which units of a job are waiting, leased and committed. A unit is in exactly one of the three.
package struct LeaseTable {
  package struct Lease {
    package let id: LeaseID
    package let worker: InstanceID
    package let attempt: Int
    /// What is left of the range, less what was committed.
    package var units: UnitSet
    package var deadline: MonotonicInstant
  }

  package let unitCount: UInt64
  package private(set) var committed: UnitSet
  package private(set) var leases: [LeaseID: Lease] = [:]
  /// Waiting units by how often they have been leased.
  private var waiting: [Int: UnitSet]

  package init(unitCount: UInt64, committed: UnitSet) {
    self.unitCount = unitCount
    self.committed = committed
    waiting = [0: UnitSet(0..<unitCount).subtracting(committed)]
  }

  package var isComplete: Bool { committed.count == unitCount }
  package var waitingCount: UInt64 { waiting.values.reduce(0) { $0 + $1.count } }

  /// Leases up to `limit` waiting units; those that were lost most often go first.
  package mutating func grant(_ id: LeaseID, to worker: InstanceID, limit: UInt64, deadline: MonotonicInstant)
    -> (units: UnitRange, attempt: Int)?
  {
    for attempts in waiting.keys.sorted(by: >) {
      guard let range = waiting[attempts]?.takeFirst(limit) else { continue }
      if waiting[attempts]?.isEmpty == true, attempts > 0 { waiting[attempts] = nil }
      let lease = Lease(id: id, worker: worker, attempt: attempts + 1, units: UnitSet(range), deadline: deadline)
      leases[id] = lease
      return (range, lease.attempt)
    }
    return nil
  }

  package mutating func renew(_ ids: some Sequence<LeaseID>, of worker: InstanceID, until deadline: MonotonicInstant) {
    for id in ids where leases[id]?.worker == worker { leases[id]?.deadline = deadline }
  }

  /// Marks units committed, whoever computed them; leases that are left with nothing end.
  package mutating func commit(_ units: UnitSet) {
    committed.formUnion(units)
    for attempts in waiting.keys { waiting[attempts]?.subtract(units) }
    for (id, lease) in leases {
      let left = lease.units.subtracting(units)
      leases[id] = left.isEmpty ? nil : lease.keeping(left)
    }
  }

  /// Puts a lease's uncommitted units back.
  package mutating func release(_ id: LeaseID) {
    guard let lease = leases.removeValue(forKey: id) else { return }
    waiting[lease.attempt, default: UnitSet()].formUnion(lease.units)
  }

  package func leases(of worker: InstanceID) -> [LeaseID] {
    leases.values.filter { $0.worker == worker }.map(\.id).sorted()
  }

  package func expired(at now: MonotonicInstant) -> [Lease] {
    leases.values.filter { $0.deadline <= now }.sorted { $0.id < $1.id }
  }

  /// Throws where a unit is in no state or in several: for tests and simulation.
  package func validate() throws {
    var seen = committed
    for (name, set) in waiting.map({ ("waiting", $1) }) + leases.values.map({ ("lease \($0.id)", $0.units) }) {
      let before = seen.count
      seen.formUnion(set)
      if seen.count != before + set.count { throw SweepError("units of \(name) are in another state as well") }
    }
    if seen.count != unitCount { throw SweepError("\(unitCount - seen.count) units are in no state") }
  }
}

extension LeaseTable.Lease {
  fileprivate func keeping(_ units: UnitSet) -> Self {
    var copy = self
    copy.units = units
    return copy
  }
}
