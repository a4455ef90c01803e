import FleetProtocol
import SweepSpec

/// Which units of a job are waiting, leased, given up and committed. A unit is in exactly one of the four.
///
/// Units that were lost with their worker are suspects: the lease they come back from is halved, and each half is leased
/// to a worker that does nothing else, until the unit that ends workers is alone and given up.
package struct LeaseTable {
  package struct Lease {
    package let id: LeaseID
    package let worker: InstanceID
    package let attempt: Int
    package let granted: UnitRange
    package let grantedAt: MonotonicInstant
    package let isSuspect: Bool
    /// Deaths of workers that held these units alone.
    fileprivate let deaths: Int
    /// What is left of the range, less what was committed or lent to another worker.
    package fileprivate(set) var units: UnitSet
    package fileprivate(set) var deadline: MonotonicInstant
    /// All its records are made; they wait for their commit.
    package fileprivate(set) var isComputed = false
    /// Another worker computes the same units: this one lends its tail, or computes another's.
    package fileprivate(set) var isShared = false
    fileprivate let isBackup: Bool
  }

  /// Units that came back from a lease.
  private struct Returned {
    var units: UnitRange
    let attempt: Int
    let isSuspect: Bool
    let deaths: Int
  }

  /// Why a lease ends early.
  package enum Loss {
    /// Its worker is well and gave it back, or its records came to nothing: the units may go to anyone.
    case returned
    /// Its worker died or fell silent while it computed them: one of the units may be why.
    case workerLost
  }

  /// So many workers may die of a unit that is leased alone.
  package static let deathsAllowed = 3

  package let unitCount: UInt64
  package private(set) var committed: UnitSet
  package private(set) var leases: [LeaseID: Lease] = [:]
  /// Units given up whose failed records are not committed yet, with the number of their leases.
  package private(set) var quarantined: [UnitIndex: Int] = [:]
  private var fresh: UnitSet
  private var returned: [Returned] = []
  private var returnedCount: UInt64 = 0
  /// Leases by the start of their range. Ranges of leases never overlap.
  private var starts: [(start: UnitIndex, lease: LeaseID)] = []
  private var holders: [InstanceID: Set<LeaseID>] = [:]

  package init(unitCount: UInt64, committed: UnitSet) {
    self.unitCount = unitCount
    self.committed = committed
    fresh = UnitSet(0..<unitCount).subtracting(committed)
  }

  package var isComplete: Bool { committed.count == unitCount }
  package var waitingCount: UInt64 { fresh.count + returnedCount }

  package func leases(of worker: InstanceID) -> [LeaseID] { (holders[worker] ?? []).sorted() }

  /// How many leases a worker holds, and whether one is of suspects.
  package func load(of worker: InstanceID) -> (leases: Int, hasSuspect: Bool) {
    guard let held = holders[worker] else { return (0, false) }
    return (held.count, held.contains { leases[$0]?.isSuspect == true })
  }

  /// Workers that hold leases.
  package var workerCount: Int { holders.count }

  /// Leases up to `limit` waiting units; those that were lost most often go first.
  ///
  /// - Parameter isIdle: whether the worker holds no lease: only then it gets suspects.
  package mutating func grant(
    _ id: LeaseID, to worker: InstanceID, limit: UInt64, isIdle: Bool, at now: MonotonicInstant,
    deadline: MonotonicInstant
  ) -> Lease? {
    let candidates = returned.indices.filter { isIdle || !returned[$0].isSuspect }
    let piece: Returned
    if let index = candidates.max(by: { returned[$0].attempt < returned[$1].attempt }) {
      piece = takeReturned(index, limit: limit)
    } else if let range = fresh.takeFirst(limit) {
      piece = Returned(units: range, attempt: 0, isSuspect: false, deaths: 0)
    } else {
      return nil
    }
    let lease = Lease(
      id: id, worker: worker, attempt: piece.attempt + 1, granted: piece.units, grantedAt: now,
      isSuspect: piece.isSuspect, deaths: piece.deaths, units: UnitSet(piece.units), deadline: deadline, isBackup: false
    )
    add(lease)
    return lease
  }

  /// Leases the later half of what is left of a lease to another worker as well. The first worker is not told: whoever
  /// commits a unit first has done it.
  package mutating func lend(
    _ lender: LeaseID, as id: LeaseID, to worker: InstanceID, at now: MonotonicInstant, deadline: MonotonicInstant
  ) -> Lease? {
    guard let last = leases[lender]?.units.ranges.last, let old = leases[lender] else { return nil }
    let tail = last.upperBound - max(1, last.size / 2)..<last.upperBound
    var lease = Lease(
      id: id, worker: worker, attempt: old.attempt + 1, granted: tail, grantedAt: now, isSuspect: false,
      deaths: old.deaths, units: UnitSet(tail), deadline: deadline, isBackup: true)
    lease.isShared = true
    leases[lender]?.units.remove(tail)
    leases[lender]?.isShared = true
    if leases[lender]?.units.isEmpty == true { remove(lender) }
    add(lease)
    return lease
  }

  /// The lease that will be done last, by how it got on so far, with the seconds it still needs; leases that were granted
  /// less than `age` ago, are computed, suspect or help out another do not count.
  package func straggler(at now: MonotonicInstant, olderThan age: Duration) -> (lease: Lease, seconds: Double)? {
    let candidates = leases.values.filter {
      !$0.isComputed && !$0.isBackup && !$0.isSuspect && now - $0.grantedAt >= age
    }
    return candidates.map { lease in
      let done = lease.granted.size - min(lease.units.count, lease.granted.size)
      let elapsed = (now - lease.grantedAt).seconds
      // Nothing done yet: one more unit may take as long again.
      let perUnit = elapsed / Double(max(done, 1))
      return (lease, perUnit * Double(lease.units.count))
    }.max { ($0.1, $0.0.id) < ($1.1, $1.0.id) }
  }

  /// Whether records of a computed lease have waited for their commit longer than `patience`, of the `wait` they are given.
  package func hasCommitOverdue(at now: MonotonicInstant, since patience: Duration, of wait: Duration) -> Bool {
    leases.values.contains { $0.isComputed && $0.deadline - now < wait - patience }
  }

  /// False where the worker does not hold the lease.
  @discardableResult
  package mutating func renew(_ id: LeaseID, of worker: InstanceID, until deadline: MonotonicInstant) -> Bool {
    guard leases[id]?.worker == worker else { return false }
    leases[id]?.deadline = deadline
    return true
  }

  /// The lease's records are all made; it waits for their commit until `deadline`.
  package mutating func markComputed(_ id: LeaseID, of worker: InstanceID, until deadline: MonotonicInstant) {
    guard leases[id]?.worker == worker else { return }
    leases[id]?.isComputed = true
    leases[id]?.deadline = deadline
  }

  /// Marks units committed, whoever computed them. Leases that are left with nothing end; returned are those whose workers
  /// still compute what somebody else has done.
  package mutating func commit(_ units: UnitSet) -> [Lease] {
    committed.formUnion(units)
    fresh.subtract(units)
    if !returned.isEmpty { subtractFromReturned(units) }
    for unit in quarantined.keys where units.contains(unit) { quarantined[unit] = nil }
    var overtaken: [Lease] = []
    for range in units.ranges {
      for id in leases(overlapping: range) {
        leases[id]?.units.remove(range)
        guard let lease = leases[id], lease.units.isEmpty else { continue }
        remove(id)
        if lease.isShared, !lease.isComputed { overtaken.append(lease) }
      }
    }
    return overtaken
  }

  /// Takes the store's word for what is committed: units it has lost wait again. As `commit`.
  package mutating func replaceCommitted(_ units: UnitSet) -> [Lease] {
    let lost = committed.subtracting(units)
    // A lease around them would interlock with theirs.
    for id in lost.ranges.flatMap(leases(overlapping:)) { release(id, .returned) }
    committed.subtract(lost)
    fresh.formUnion(lost)
    return commit(units)
  }

  /// Puts deadlines off, to `limit` at most: time went by in which nobody could renew.
  package mutating func postpone(by gap: Duration, atMost limit: MonotonicInstant) {
    for (id, lease) in leases where lease.deadline < limit { leases[id]?.deadline = min(lease.deadline + gap, limit) }
  }

  /// Ends a lease and puts its uncommitted units back, or gives up the one unit that its worker died of.
  package mutating func release(_ id: LeaseID, _ loss: Loss) {
    guard let lease = leases[id] else { return }
    remove(id)
    guard loss == .workerLost, !lease.isComputed else {
      for range in lease.units.ranges {
        putBack(Returned(units: range, attempt: lease.attempt, isSuspect: lease.isSuspect, deaths: lease.deaths))
      }
      return
    }
    if lease.units.count == 1, let unit = lease.units.first {
      // Held beside other units it is only one of several suspects; alone, it is the one.
      let deaths = lease.deaths + (lease.isSuspect ? 1 : 0)
      if deaths >= Self.deathsAllowed {
        quarantined[unit] = lease.attempt
        return
      }
      putBack(Returned(units: unit..<unit + 1, attempt: lease.attempt, isSuspect: true, deaths: deaths))
      return
    }
    for range in lease.units.ranges {
      let middle = lease.units.ranges.count == 1 ? range.lowerBound + range.size / 2 : range.upperBound
      for half in [range.lowerBound..<middle, middle..<range.upperBound] where !half.isEmpty {
        putBack(Returned(units: half, attempt: lease.attempt, isSuspect: true, deaths: 0))
      }
    }
  }

  package func expired(at now: MonotonicInstant) -> [Lease] {
    leases.values.filter { $0.deadline <= now }.sorted { $0.id < $1.id }
  }

  private mutating func putBack(_ piece: Returned) {
    returned.append(piece)
    returnedCount += piece.units.size
  }

  private mutating func takeReturned(_ index: Int, limit: UInt64) -> Returned {
    var piece = returned[index]
    let end = piece.units.lowerBound + min(limit, piece.units.size)
    if end == piece.units.upperBound {
      returned.remove(at: index)
    } else {
      returned[index].units = end..<piece.units.upperBound
    }
    piece.units = piece.units.lowerBound..<end
    returnedCount -= piece.units.size
    return piece
  }

  private mutating func subtractFromReturned(_ units: UnitSet) {
    returned = returned.flatMap { piece in
      var left = UnitSet(piece.units)
      left.subtract(units)
      return left.ranges.map {
        Returned(units: $0, attempt: piece.attempt, isSuspect: piece.isSuspect, deaths: piece.deaths)
      }
    }
    returnedCount = returned.reduce(0) { $0 + $1.units.size }
  }

  private mutating func add(_ lease: Lease) {
    leases[lease.id] = lease
    holders[lease.worker, default: []].insert(lease.id)
    starts.insert((lease.granted.lowerBound, lease.id), at: firstStart(atOrAfter: lease.granted.lowerBound))
  }

  private mutating func remove(_ id: LeaseID) {
    guard let lease = leases.removeValue(forKey: id) else { return }
    holders[lease.worker]?.remove(id)
    if holders[lease.worker]?.isEmpty == true { holders[lease.worker] = nil }
    let index = starts[firstStart(atOrAfter: lease.granted.lowerBound)...].firstIndex { $0.lease == id }
    if let index { starts.remove(at: index) }
  }

  /// Leases that may hold units of the range. What leases hold does not interlock, so of those that start before the range
  /// only the last can reach into it.
  package func leases(overlapping range: UnitRange) -> [LeaseID] {
    let index = max(0, firstStart(atOrAfter: range.lowerBound) - 1)
    return starts[index...].prefix { $0.start < range.upperBound }.map(\.lease)
  }

  private func firstStart(atOrAfter unit: UnitIndex) -> Int {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle].start < unit { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Throws where a unit is in no state or in several: for tests and simulation.
  package func validate() throws {
    var seen = committed
    let sets =
      [("fresh", fresh), ("quarantined", UnitSet(quarantined.keys.map { $0..<$0 + 1 }))]
      + returned.map { ("returned", UnitSet($0.units)) } + leases.values.map { ("lease \($0.id)", $0.units) }
    for (name, set) in sets {
      let before = seen.count
      seen.formUnion(set)
      if seen.count != before + set.count { throw SweepError("units of \(name) are in another state as well") }
    }
    if seen.count != unitCount { throw SweepError("\(unitCount - seen.count) units are in no state") }
    if returnedCount != returned.reduce(0, { $0 + $1.units.size }) { throw SweepError("returned units are miscounted") }
    if starts.count != leases.count || holders.values.reduce(0, { $0 + $1.count }) != leases.count {
      throw SweepError("leases are not all indexed")
    }
  }
}
