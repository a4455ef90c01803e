import Coordinator
import FleetProtocol
import Foundation
import SweepSpec
import TestSupport

/// The coordinator with 10,000 workers and 10^9 units, in one job or in many with different priorities: what it costs per
/// unit, and what it keeps in memory, from the first tenth of the units to the last.
public struct ScaleRun {
  public struct Tenth: Sendable, CustomStringConvertible {
    public let number: Int
    public let events: Int
    public let units: UInt64
    /// The process's resident memory at its end, in bytes.
    public let residentBytes: Int
    /// Processor time of the state machine per event, in seconds.
    public let secondsPerEvent: Double

    public var description: String {
      let perMillion = Double(events) / Double(units) * 1e6
      return "tenth \(number): \(Int(perMillion.rounded())) events per 10^6 units, "
        + "\(String(format: "%.1f", secondsPerEvent * 1e6)) µs an event, \(residentBytes >> 20) MiB"
    }
  }

  private enum Event {
    case tick
    case heartbeat(Int)
    case computed(Int, LeaseGrant, seconds: Double)
    case commit
    case die(Int)
  }

  private let workers: Int
  private let units: UInt64
  private let jobs: Int

  public init(workers: Int = 10_000, units: UInt64 = 1_000_000_000, jobs: Int = 1) {
    (self.workers, self.units, self.jobs) = (workers, units, max(1, jobs))
  }

  @discardableResult
  public func run(report: (Tenth) -> Void = { _ in }) throws -> [Tenth] {
    var run = try Run(workers: workers, units: units, jobs: jobs)
    return try run.toEnd(report)
  }

  private struct Run {
    let workers: Int
    let units: UInt64
    var random = SplitMix64(seed: 9)
    var coordinator = CoordinatorState()
    var queue = EventQueue<Event>()
    var now = Duration.zero
    var leases: [[LeaseID]]
    var lives: [Int]
    /// Leases each worker waits for.
    var wanted: [Int]
    let jobs: [Job]
    var pending: [JobID: UnitSet] = [:]
    var stored: [JobID: UnitSet] = [:]
    var committed: UInt64 = 0
    var events = 0
    var ended: Set<JobID> = []
    var openStores: Set<JobID> = []
    let aggregator = Peer(routingID: [255])

    init(workers: Int, units: UInt64, jobs count: Int) throws {
      self.workers = workers
      self.units = units
      jobs = try (0..<count).map { number in
        try Simulation.makeJob("scale-\(number)", units: units / UInt64(count))
      }
      leases = .init(repeating: [], count: workers)
      lives = .init(repeating: 0, count: workers)
      wanted = lives
    }

    mutating func toEnd(_ report: (Tenth) -> Void) throws -> [Tenth] {
      handle(
        .received(
          .hello(.init(role: .aggregator, instance: InstanceID(rawValue: "a"), name: "a", endpoint: "x")),
          from: aggregator))
      for (number, job) in jobs.enumerated() {
        let priority = JobPriority(rawValue: 1 + number * 37 % 100) ?? .normal
        carryOut(coordinator.answer(.submit(Submission(job, priority: priority)), at: instant).1)
      }
      for worker in 0..<workers {
        join(worker)
        queue.add(.heartbeat(worker), at: .milliseconds(Int.random(in: 0..<1000, using: &random)))
        if worker % 100 == 0 { queue.add(.die(worker), at: .seconds(Double.random(in: 1...60, using: &random))) }
      }
      queue.add(.tick, at: .milliseconds(200))
      queue.add(.commit, at: .milliseconds(50))

      var tenths: [Tenth] = []
      var (eventsBefore, unitsBefore) = (0, UInt64(0))
      var start = Self.processorSeconds
      while ended.count < jobs.count {
        guard let (time, event) = queue.next() else {
          throw SimulationFailure(seed: 0, time: now, what: "nothing is left to happen", options: "--scale")
        }
        now = time
        step(event)
        guard now < .seconds(36_000) else {
          throw SimulationFailure(
            seed: 0, time: now, what: "\(jobs.count - ended.count) jobs have not ended", options: "--scale")
        }
        if committed >= units / 10 * UInt64(tenths.count + 1), tenths.count < 10 {
          let seconds = Self.processorSeconds - start
          let tenth = Tenth(
            number: tenths.count + 1, events: events - eventsBefore, units: committed - unitsBefore,
            residentBytes: Self.residentBytes, secondsPerEvent: seconds / Double(max(1, events - eventsBefore)))
          report(tenth)
          tenths.append(tenth)
          (eventsBefore, unitsBefore, start) = (events, committed, Self.processorSeconds)
        }
      }
      try coordinator.validate(at: MonotonicInstant(sinceStart: now))
      return tenths
    }

    private mutating func step(_ event: Event) {
      switch event {
      case .tick:
        handle(.tick)
        queue.add(.tick, at: now + .milliseconds(200))
      case .heartbeat(let worker):
        handle(.received(.heartbeat(Heartbeat(leases: leases[worker], wanted: wanted[worker])), from: peer(worker)))
        queue.add(.heartbeat(worker), at: now + .seconds(1))
      case .computed(let worker, let grant, let seconds):
        guard leases[worker].contains(grant.lease) else { return }
        leases[worker].removeAll { $0 == grant.lease }
        if openStores.contains(grant.job) { pending[grant.job, default: UnitSet()].insert(grant.units) }
        handle(
          .received(
            .computed(Computed(lease: grant.lease, units: grant.units.size, seconds: seconds)), from: peer(worker)))
        request(1, worker)
      case .commit:
        // The aggregator's word: everything that came in since the last commit.
        if pending.isEmpty { handle(.received(.heartbeat(Heartbeat()), from: aggregator)) }
        for job in jobs { commit(job.id) }
        queue.add(.commit, at: now + .milliseconds(50))
      case .die(let worker):
        // Its leases are lost; another process takes its place.
        leases[worker] = []
        lives[worker] += 1
        join(worker)
      }
    }

    private mutating func commit(_ job: JobID) {
      guard let units = pending.removeValue(forKey: job) else { return }
      let before = stored[job]?.count ?? 0
      stored[job, default: UnitSet()].formUnion(units)
      let total = stored[job]?.count ?? 0
      committed += total - before
      let message = Committed(job: job, units: units.ranges, counts: UnitCounts(done: total))
      handle(.received(.committed(message), from: aggregator))
    }

    private mutating func open(_ job: JobID) {
      openStores.insert(job)
      let units = stored[job] ?? UnitSet()
      let opened = OpenedJob(job: job, committed: units.ranges, counts: UnitCounts(done: units.count))
      handle(.received(.opened(opened), from: aggregator))
    }

    private mutating func close(_ job: JobID) {
      commit(job)
      openStores.remove(job)
      let isComplete = stored[job]?.count == units / UInt64(jobs.count)
      if isComplete { ended.insert(job) }
      handle(.received(.closed(ClosedJob(job: job, isComplete: isComplete)), from: aggregator))
    }

    private mutating func join(_ worker: Int) {
      let hello = Hello(
        role: .worker, instance: InstanceID(rawValue: "w\(worker)-\(lives[worker])"), name: "w\(worker)", model: "none")
      handle(.received(.hello(hello), from: peer(worker)))
      wanted[worker] = 0
      request(2, worker)
    }

    private mutating func request(_ leases: Int, _ worker: Int) {
      wanted[worker] += leases
      handle(.received(.request(leases: leases), from: peer(worker)))
    }

    private func peer(_ worker: Int) -> Peer {
      let number = worker << 8 | lives[worker]
      return Peer(routingID: [0, UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255)])
    }

    private mutating func handle(_ event: CoordinatorState.Event) {
      events += 1
      carryOut(coordinator.handle(event, at: instant))
    }

    private var instant: MonotonicInstant { MonotonicInstant(sinceStart: now) }

    private mutating func carryOut(_ commands: [CoordinatorState.Command]) {
      for command in commands {
        guard case .send(let message, let peer) = command else { continue }
        switch message {
        case .open(let payload): open(payload.job)
        case .close(let id): close(id)
        case .lease(let grant):
          let number = peer.routingID.dropFirst().reduce(0) { $0 << 8 | Int($1) }
          let worker = number >> 8
          guard lives[worker] == number & 255 else { continue }
          leases[worker].append(grant.lease)
          wanted[worker] = max(0, wanted[worker] - 1)
          // 4,000 to 16,000 units a second, one lease after the other.
          let seconds = Double(grant.units.size) / Double(4000 + worker % 13 * 1000)
          queue.add(
            .computed(worker, grant, seconds: seconds), at: now + .seconds(seconds * Double(leases[worker].count)))
        case .revoke(let lease):
          let worker = peer.routingID.dropFirst().reduce(0) { $0 << 8 | Int($1) } >> 8
          if leases[worker].contains(lease) {
            leases[worker].removeAll { $0 == lease }
            wanted[worker] += 1
          }
        default: break
        }
      }
    }

    /// Of this thread: others on the machine do not count.
    private static var processorSeconds: Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static var residentBytes: Int {
      let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst()
        .first
      return (pages.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }
  }
}
