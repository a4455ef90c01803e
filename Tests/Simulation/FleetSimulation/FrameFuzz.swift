import Aggregator
import Coordinator
import FleetProtocol
import Foundation
import Messaging
import SonarModel
import SweepSpec
import TestSupport
import Worker

/// Mutated frames for each socket: what the codec lets through goes to the state machine behind the socket, whose
/// invariants must hold after every frame.
public struct FrameFuzz {
  public enum Target: String, CaseIterable, Sendable { case coordinator, aggregator, worker }

  public struct Outcome: Sendable {
    /// Frames the codec refused, and those that reached the state machine.
    public var refused = 0
    public var handled = 0
  }

  private let target: Target
  private let seed: UInt64
  private var random: SplitMix64
  private let job: Job
  private var now = MonotonicInstant.zero
  private var coordinator = CoordinatorState()
  private var aggregator = AggregatorState(
    hello: Hello(role: .aggregator, instance: InstanceID(rawValue: "a"), name: "a", endpoint: "ipc:///a"))
  private var worker = WorkerState(
    hello: Hello(role: .worker, instance: InstanceID(rawValue: "w"), name: "w", model: "none"))
  private var store: SimulatedStore
  private var leases: [LeaseID] = []

  private static let units: UInt64 = 200

  public init(_ target: Target, seed: UInt64) throws {
    self.target = target
    self.seed = seed
    random = SplitMix64(seed: seed)
    let spec = """
      {"version":1,"name":"fuzz","truncate":false,"model":{"name":"none","fingerprint":"","dim":2},\
      "sweep":{"kind":"null-probe","parameters":{"units":\(Self.units),"dim":2}}}
      """
    job = try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
    store = SimulatedStore(job: job)
  }

  /// Throws `SimulationFailure` where an invariant does not hold any more.
  public mutating func run(frames: Int) throws -> Outcome {
    var outcome = Outcome()
    for number in 0..<frames {
      now = now + .milliseconds(Int.random(in: 0...100, using: &random))
      let frame = mutated(template())
      guard let message = try? FleetMessage(decoding: frame) else {
        outcome.refused += 1
        continue
      }
      outcome.handled += 1
      do {
        try deliver(message, bytes: frame.count)
      } catch {
        throw SimulationFailure(
          seed: seed, time: now.sinceStart, what: "\(target): \(message): \(error)",
          options: "--frames \(number + 1) --seed \(seed)")
      }
    }
    return outcome
  }

  // MARK: The state machines

  private mutating func deliver(_ message: FleetMessage, bytes: Int) throws {
    let peer = Peer(routingID: [.random(in: 0...4, using: &random)])
    switch target {
    case .coordinator:
      execute(coordinator.handle(.received(message, from: peer), at: now))
      execute(coordinator.handle(.tick, at: now))
      try coordinator.validate(at: now)
    case .aggregator:
      if peer.routingID == [0] {
        try execute(aggregator.handle(.fromCoordinator(message), at: now))
      } else if case .records(let batch) = message, batch.job == job.id, !batch.records.allSatisfy(store.accepts) {
        try execute(aggregator.handle(.refusedBatch(batch, peer, reason: "it does not fit"), at: now))
      } else {
        try execute(aggregator.handle(.fromWorker(message, peer, bytes: bytes), at: now))
      }
      try execute(aggregator.handle(.tick, at: now))
      if aggregator.pendingBytes > 8 << 20 { throw SweepError("\(aggregator.pendingBytes) bytes are kept") }
      if store.committed.ranges.last.map({ $0.upperBound > Self.units }) == true {
        throw SweepError("units beyond the sweep")
      }
    case .worker:
      _ = worker.handle(Bool.random(using: &random) ? .fromCoordinator(message) : .fromAggregator(message), at: now)
      if worker.acceptsComputed {
        let batch = BatchID(rawValue: .random(in: 1...1000, using: &random))
        _ = worker.handle(.computed(batch, job.id, frame: .init(repeating: 0, count: 1 << 16)), at: now)
      }
      _ = worker.handle(.tick, at: now)
    }
  }

  private mutating func execute(_ commands: [CoordinatorState.Command]) {
    for command in commands {
      switch command {
      case .send(.lease(let grant), _): leases = leases.suffix(20) + [grant.lease]
      case .build(let payload, let peer):
        if let job = try? payload.makeJob() { execute(coordinator.handle(.submitted(job, from: peer), at: now)) }
      default: break
      }
    }
  }

  private mutating func execute(_ commands: [AggregatorState.Command]) throws {
    for command in commands {
      switch command {
      case .openStore(let payload):
        guard let job = try? payload.makeJob(), job.id == self.job.id else { continue }
        try report()
      case .reportStore(let id): if id == job.id { try report() }
      case .closeStore(let id):
        try execute(aggregator.handle(.closedStore(id, isComplete: store.committed.count == Self.units), at: now))
      case .retryFailures(let order):
        store.removeFailures(code: order.code)
        try report(retried: order.number)
      case .commit(let batches):
        if Int.random(in: 0..<10, using: &random) == 0 {
          try execute(aggregator.handle(.storeFailed("no space"), at: now))
          continue
        }
        store.commit(batches.flatMap(\.batch.records))
        let units = UnitSet(batches.flatMap(\.batch.records).map { $0.unit..<$0.unit + 1 })
        try execute(
          aggregator.handle(
            .committedStore([Committed(job: job.id, units: units.ranges, counts: store.counts)]), at: now))
      default: break
      }
    }
  }

  private mutating func report(retried: UInt64 = 0) throws {
    let opened = OpenedJob(job: job.id, committed: store.committed.ranges, counts: store.counts, retried: retried)
    try execute(aggregator.handle(.openedStore(opened, fingerprint: .none, unitCount: Self.units), at: now))
  }

  // MARK: Frames

  /// A message as it might come, with numbers that mean something to the receiver.
  private mutating func template() -> FleetMessage {
    let lease = leases.randomElement(using: &random) ?? LeaseID(rawValue: .random(in: 0...30, using: &random))
    let first = UInt64.random(in: 0..<Self.units, using: &random)
    let units = first..<min(Self.units, first + .random(in: 1...40, using: &random))
    let counts = UnitCounts(done: .random(in: 0...Self.units, using: &random))
    let instance = InstanceID(rawValue: "i\(Int.random(in: 0...6, using: &random))")
    let batch = BatchID(rawValue: .random(in: 0...50, using: &random))
    let record = Record(
      unit: first, outcome: .done(embedding: SimulatedCompute.embedding(of: first, job), decodes: []), seconds: 0.1)
    let role: Hello.Role = [.worker, .aggregator, .client].randomElement(using: &random) ?? .worker
    let all: [FleetMessage] = [
      .hello(Hello(role: role, instance: instance, name: "n", model: "none", endpoint: "ipc:///\(instance.rawValue)")),
      .heartbeat(Heartbeat(leases: [lease], wanted: .random(in: 0...3, using: &random))), .goodbye, .identify,
      .refused(reason: "no"), .request(leases: .random(in: 1...4, using: &random)),
      .computed(Computed(lease: lease, units: 8, seconds: 0.5)),
      .welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///\(instance.rawValue)")), .job(JobPayload(job)),
      .lease(LeaseGrant(lease: lease, job: job.id, units: units, attempt: 1)), .revoke(lease), .forget(job.id),
      .records(RecordBatch(batch: batch, job: job.id, fingerprint: .none, records: [record])),
      .acknowledge(Acknowledgement(committed: [batch], creditBytes: .random(in: 0...1 << 20, using: &random))),
      .open(JobPayload(job)), .opened(OpenedJob(job: job.id, committed: [units], counts: counts)),
      .committed(Committed(job: job.id, units: [units], counts: counts)),
      .quarantine(Quarantine(job: job.id, units: [units], attempt: 3, reason: "it kills")),
      .discarded(Discarded(job: job.id, units: [units], worker: instance)), .close(job.id),
      .closed(ClosedJob(job: job.id, isComplete: Bool.random(using: &random))),
      .retry(RetryOrder(job: job.id, code: UnitError.quarantined, number: .random(in: 0...3, using: &random))),
      .dismiss(reason: "drained"), .measured(AggregatorMeasurements(commitSeconds: [0.1], pendingBytes: first)),
      .storage(StorageState(problem: Bool.random(using: &random) ? "" : "full")), .submit(JobPayload(job)),
      .accepted(job.id), .rejected(reason: "no"), .statusRequest(job.id),
    ]
    return all.randomElement(using: &random) ?? .goodbye
  }

  private mutating func mutated(_ message: FleetMessage) -> [UInt8] {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return message.encoded()
    case 1, 2:
      guard let value = try? MessagePackValue(decoding: message.encoded()) else { return [] }
      return mutated(value).encoded()
    default:
      var bytes = message.encoded()
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = .random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place...)
        default: bytes.insert(.random(in: 0...255, using: &random), at: place)
        }
      }
      return bytes
    }
  }

  /// Replaces a few values of the tree by others of the same type, mostly at the ends of what the type holds.
  private mutating func mutated(_ value: MessagePackValue) -> MessagePackValue {
    switch value {
    case .map(var fields):
      guard let key = fields.keys.sorted().randomElement(using: &random), let field = fields[key] else { return value }
      fields[key] = key == "type" || key == "v" ? field : mutated(field)
      return .map(fields)
    case .array(var items):
      guard let place = items.indices.randomElement(using: &random) else { return .array([.int(0), .int(1)]) }
      items[place] = mutated(items[place])
      return .array(items)
    case .int, .uint:
      let numbers: [UInt64] = [
        0, 1, 2, Self.units - 1, Self.units, Self.units + 1, 1 << 32, 1 << 61, .max >> 1, .max - 1, .max,
      ]
      return .unsigned(numbers.randomElement(using: &random) ?? 0)
    case .double: return .double([0, -1, 1e308, .nan, .infinity, 1e-300].randomElement(using: &random) ?? 0)
    case .string(let text):
      return .string(
        ["", text + "x", "\u{0}", String(repeating: "y", count: 64)].randomElement(using: &random) ?? text)
    case .binary(let bytes): return .binary(Array(bytes.prefix(.random(in: 0...bytes.count, using: &random))))
    case .bool(let value): return .bool(!value)
    case .null: return .int(0)
    }
  }
}
