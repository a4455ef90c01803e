import Coordinator
import FleetProtocol
import SonarModel
import SweepSpec
import Testing

/// A fleet at work, without faults: workers that are never satisfied, and an aggregator that commits at once. Counts the
/// workers' time by job.
struct BusyFleet {
  private struct Worker {
    let peer: Peer
    var leases: [LeaseGrant] = []
    var doneAt: MonotonicInstant?
  }

  var fleet: Harness
  /// Of a unit, by job; 10 ms otherwise.
  var secondsPerUnit: [JobID: Double] = [:]
  /// Worker-seconds spent on each job, and when it ended.
  private(set) var served: [JobID: Double] = [:]
  private(set) var endedAt: [JobID: MonotonicInstant] = [:]
  private(set) var openStores: Set<JobID> = []
  private(set) var mostOpenStores = 0
  private var workers: [Worker] = []
  private var stored: [JobID: UnitSet] = [:]
  private var unitCounts: [JobID: UInt64] = [:]
  private var nextTick: MonotonicInstant
  private var ticks = 0

  init(_ change: (inout CoordinatorSettings) -> Void = { _ in }) {
    fleet = .ready(change)
    nextTick = fleet.now + .milliseconds(200)
  }

  mutating func addWorkers(_ count: Int, fingerprint: ModelFingerprint = .none) {
    for _ in 0..<count {
      let peer = fleet.join(UInt8(workers.count), fingerprint: fingerprint)
      workers.append(Worker(peer: peer))
      take(fleet.send(.request(leases: 2), peer))
    }
  }

  mutating func submit(
    _ name: String, units: Int = 1_000_000_000, priority: Int = 10, secondsPerUnit: Double = 0.01,
    fingerprint: ModelFingerprint = .none
  ) throws -> JobID {
    let job = try Harness.makeJob(name, units: units, fingerprint: fingerprint)
    self.secondsPerUnit[job.id] = secondsPerUnit
    unitCounts[job.id] = UInt64(units)
    let priority = try #require(JobPriority(rawValue: priority))
    ask(.submit(Submission(job, priority: priority)))
    return job.id
  }

  mutating func ask(_ request: FleetRequest) { take(fleet.ask(request).sent) }

  /// Another process takes the aggregator's place.
  mutating func restartAggregator() {
    openStores = []
    _ = fleet.send(.goodbye, Harness.store)
  }

  mutating func startAggregator() {
    let hello = Hello(role: .aggregator, instance: InstanceID(), name: "b", endpoint: "ipc:///b")
    take(fleet.send(.hello(hello), Harness.store))
  }

  /// Goes on for so long, and returns each job's part of the workers' time meanwhile.
  @discardableResult
  mutating func run(for duration: Duration) throws -> [JobID: Double] {
    let before = served
    let end = fleet.now + duration
    while true {
      let busy = workers.indices.filter { workers[$0].doneAt != nil }
      let first = busy.min { (workers[$0].doneAt ?? end) < (workers[$1].doneAt ?? end) }
      let done = first.flatMap { workers[$0].doneAt } ?? end
      guard min(nextTick, done) < end else { break }
      if let first, done <= nextTick {
        fleet.now = max(fleet.now, done)
        finishLease(of: first)
      } else {
        fleet.now = max(fleet.now, nextTick)
        tick()
        try fleet.state.validate(at: fleet.now)
      }
    }
    fleet.now = max(fleet.now, end)
    let spent = served.mapValues { $0 }.merging(before) { $0 - $1 }
    let total = spent.values.reduce(0, +)
    return spent.mapValues { total > 0 ? $0 / total : 0 }
  }

  private mutating func tick() {
    nextTick = nextTick + .milliseconds(200)
    ticks += 1
    take(fleet.send(.heartbeat(Heartbeat()), Harness.store))
    if ticks.isMultiple(of: 5) {
      for worker in workers {
        let beat = Heartbeat(leases: worker.leases.map(\.lease), wanted: max(0, 2 - worker.leases.count))
        take(fleet.send(.heartbeat(beat), worker.peer))
      }
    }
    take(fleet.tick())
  }

  private mutating func finishLease(of index: Int) {
    let lease = workers[index].leases.removeFirst()
    let seconds = cost(of: lease)
    served[lease.job, default: 0] += seconds
    let peer = workers[index].peer
    begin(index)
    take(fleet.send(.computed(Computed(lease: lease.lease, units: lease.units.size, seconds: seconds)), peer))
    if openStores.contains(lease.job) {
      stored[lease.job, default: UnitSet()].insert(lease.units)
      let total = stored[lease.job]?.count ?? 0
      take(fleet.commit(lease.job, lease.units, total: total))
    }
    take(fleet.send(.request(leases: 1), peer))
  }

  private func cost(of lease: LeaseGrant) -> Double { Double(lease.units.size) * (secondsPerUnit[lease.job] ?? 0.01) }

  private mutating func begin(_ index: Int) {
    workers[index].doneAt = workers[index].leases.first.map { fleet.now + .seconds(cost(of: $0)) }
  }

  private mutating func take(_ sent: [Sent]) {
    for sent in sent {
      switch sent.message {
      case .lease(let grant): change(sent.peer) { $0.append(grant) }
      case .revoke(let lease): change(sent.peer) { $0.removeAll { $0.lease == lease } }
      case .forget(let job):
        change(sent.peer) { $0.removeAll { $0.job == job } }
        if fleet.phase(job)?.hasEnded == true { endedAt[job] = endedAt[job] ?? fleet.now }
      case .open(let payload): open(payload.job)
      case .close(let job):
        openStores.remove(job)
        take(fleet.closed(job, isComplete: stored[job]?.count == unitCounts[job]))
      default: break
      }
    }
  }

  private mutating func open(_ job: JobID) {
    openStores.insert(job)
    mostOpenStores = max(mostOpenStores, openStores.count)
    let committed = stored[job] ?? UnitSet()
    let opened = OpenedJob(job: job, committed: committed.ranges, counts: .init(done: committed.count))
    take(fleet.send(.opened(opened), Harness.store))
  }

  private mutating func change(_ peer: Peer, _ change: (inout [LeaseGrant]) -> Void) {
    guard let index = workers.firstIndex(where: { $0.peer == peer }) else { return }
    let first = workers[index].leases.first?.lease
    change(&workers[index].leases)
    if workers[index].leases.first?.lease != first { begin(index) }
  }
}
