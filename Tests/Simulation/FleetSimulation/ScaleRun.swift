import Coordinator
import FleetProtocol
import Foundation
import SweepSpec
import TestSupport

/// The coordinator with 10,000 workers and a sweep of 10^9 units: what it costs per unit, and what it keeps in memory,
/// from the first tenth of the sweep to the last.
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

  public init(workers: Int = 10_000, units: UInt64 = 1_000_000_000) {
    self.workers = workers
    self.units = units
  }

  @discardableResult
  public func run(report: (Tenth) -> Void = { _ in }) throws -> [Tenth] {
    var run = Run(workers: workers, units: units)
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
    var pending = UnitSet()
    var committed = UnitSet()
    var events = 0
    var isDone = false
    var job: JobID?
    let aggregator = Peer(routingID: [255])

    init(workers: Int, units: UInt64) {
      self.workers = workers
      self.units = units
      leases = .init(repeating: [], count: workers)
      lives = .init(repeating: 0, count: workers)
      wanted = lives
    }

    mutating func toEnd(_ report: (Tenth) -> Void) throws -> [Tenth] {
      let spec = """
        {"version":1,"name":"scale","truncate":false,"model":{"name":"none","fingerprint":"","dim":1},\
        "sweep":{"kind":"null-probe","parameters":{"units":\(units),"dim":1}}}
        """
      let job = try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
      self.job = job.id
      handle(
        .received(
          .hello(.init(role: .aggregator, instance: InstanceID(rawValue: "a"), name: "a", endpoint: "x")),
          from: aggregator))
      handle(.submitted(job, from: Peer(routingID: [254])))
      for worker in 0..<workers {
        join(worker)
        queue.add(.heartbeat(worker), at: .milliseconds(Int.random(in: 0..<1000, using: &random)))
        if worker % 100 == 0 { queue.add(.die(worker), at: .seconds(Double.random(in: 1...60, using: &random))) }
      }
      queue.add(.tick, at: .milliseconds(200))
      queue.add(.commit, at: .milliseconds(50))

      var tenths: [Tenth] = []
      var (eventsBefore, unitsBefore) = (0, UInt64(0))
      var start = ContinuousClock.now
      while !isDone {
        guard let (time, event) = queue.next() else {
          throw SimulationFailure(seed: 0, time: now, what: "nothing is left to happen", options: "--scale")
        }
        now = time
        step(event)
        guard now < .seconds(36_000) else {
          throw SimulationFailure(seed: 0, time: now, what: "the job has not ended", options: "--scale")
        }
        if committed.count >= units / 10 * UInt64(tenths.count + 1), tenths.count < 10 {
          let seconds = (ContinuousClock.now - start).seconds
          let tenth = Tenth(
            number: tenths.count + 1, events: events - eventsBefore, units: committed.count - unitsBefore,
            residentBytes: Self.residentBytes, secondsPerEvent: seconds / Double(max(1, events - eventsBefore)))
          report(tenth)
          tenths.append(tenth)
          (eventsBefore, unitsBefore, start) = (events, committed.count, .now)
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
        pending.insert(grant.units)
        handle(
          .received(
            .computed(Computed(lease: grant.lease, units: grant.units.size, seconds: seconds)), from: peer(worker)))
        request(1, worker)
      case .commit:
        // The aggregator's word: everything that came in since the last commit.
        if !pending.isEmpty, let job {
          committed.formUnion(pending)
          let message = Committed(job: job, units: pending.ranges, counts: UnitCounts(done: committed.count))
          pending = UnitSet()
          handle(.received(.committed(message), from: aggregator))
        } else {
          handle(.received(.heartbeat(Heartbeat()), from: aggregator))
        }
        queue.add(.commit, at: now + .milliseconds(50))
      case .die(let worker):
        // Its leases are lost; another process takes its place.
        leases[worker] = []
        lives[worker] += 1
        join(worker)
      }
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
      for command in coordinator.handle(event, at: MonotonicInstant(sinceStart: now)) {
        guard case .send(let message, let peer) = command else { continue }
        switch message {
        case .open(let payload): handle(.received(.opened(OpenedJob(job: payload.job)), from: aggregator))
        case .close(let id): handle(.received(.closed(ClosedJob(job: id, isComplete: true)), from: aggregator))
        case .forget: isDone = true
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

    private static var residentBytes: Int {
      let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst()
        .first
      return (pages.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }
  }
}
