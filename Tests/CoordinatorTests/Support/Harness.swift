import Coordinator
import FleetProtocol
import FleetSecurity
import Foundation
import SonarModel
import SweepSpec
import Testing

struct Sent: Equatable {
  let message: FleetMessage
  let peer: Peer

  init(_ message: FleetMessage, _ peer: Peer) {
    self.message = message
    self.peer = peer
  }
}

/// Drives the state machine without sockets.
struct Harness {
  /// What was made durable.
  enum Write {
    case kept(JobRecord)
    case ended(JobView)
  }

  static let client = Peer(routingID: [1])
  static let store = Peer(routingID: [2])
  static let aggregator = Hello(role: .aggregator, instance: InstanceID(), name: "a", endpoint: "ipc:///a")

  var state: CoordinatorState
  var now = MonotonicInstant(sinceStart: .zero)
  var job = JobID(rawValue: "none")!
  /// In the order of the commands.
  private(set) var journal: [Write] = []

  init(_ settings: CoordinatorSettings = .init()) { state = CoordinatorState(settings: settings) }

  /// A fleet whose aggregator is there.
  static func ready(_ change: (inout CoordinatorSettings) -> Void = { _ in }) -> Self {
    var settings = CoordinatorSettings()
    change(&settings)
    var fleet = Self(settings)
    _ = fleet.send(.hello(aggregator), store)
    return fleet
  }

  /// A fleet with one job, whose store is open.
  static func running(units: Int, fingerprint: ModelFingerprint = .none) throws -> Self {
    var fleet = ready()
    let job = try makeJob(units: units, fingerprint: fingerprint)
    _ = fleet.submit(job, client)
    _ = fleet.send(.opened(OpenedJob(job: job.id)), store)
    fleet.job = job.id
    return fleet
  }

  static func worker(
    _ name: String, instance: InstanceID = InstanceID(), fingerprint: ModelFingerprint = .none
  ) -> Hello {
    Hello(role: .worker, instance: instance, name: name, model: "m", fingerprint: fingerprint)
  }

  static func makeJob(_ name: String = "test", units: Int, fingerprint: ModelFingerprint = .none) throws -> Job {
    let precision = fingerprint == .none ? "" : #""precision":"fp32","#
    let spec = """
      {"version":1,"name":"\(name)","truncate":false,\
      "model":{"name":"m","fingerprint":"\(fingerprint.rawValue)",\(precision)"dim":4},\
      "sweep":{"kind":"null-probe","parameters":{"units":\(units),"dim":4}}}
      """
    return try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
  }

  // MARK: What happens

  mutating func send(_ message: FleetMessage, _ peer: Peer) -> [Sent] { handle(.received(message, from: peer)) }
  mutating func submit(_ job: Job, owner: String = "", _ peer: Peer) -> [Sent] {
    handle(.submitted(job, owner: owner, from: peer))
  }
  mutating func restore(_ record: JobRecord) -> [Sent] { handle(.restored(record)) }
  mutating func remember(_ view: JobView) { _ = handle(.remembered(view)) }
  mutating func tick() -> [Sent] { handle(.tick) }

  mutating func ask(_ request: FleetRequest) -> (answer: FleetAnswer, sent: [Sent]) {
    let (answer, commands) = state.answer(request, at: now)
    return (answer, carryOut(commands))
  }

  /// Submits a job as people do, and returns its id.
  @discardableResult
  mutating func submit(
    _ name: String, units: Int = 1000, priority: Int = 10, fingerprint: ModelFingerprint = .none
  ) throws -> JobID {
    let job = try Self.makeJob(name, units: units, fingerprint: fingerprint)
    let answer = ask(.submit(Submission(job, priority: try #require(JobPriority(rawValue: priority))))).answer
    guard case .job(let view, true) = answer else { throw SweepError("not taken: \(answer)") }
    return view.id
  }

  /// The aggregator says what the store holds.
  mutating func open(_ job: JobID, committed: UnitRange = 0..<0, failed: UInt64 = 0, retried: UInt64 = 0) -> [Sent] {
    let counts = UnitCounts(done: committed.size - failed, failed: failed)
    let ranges = committed.isEmpty ? [] : [committed]
    return send(.opened(OpenedJob(job: job, committed: ranges, counts: counts, retried: retried)), Self.store)
  }

  mutating func commit(_ job: JobID, _ units: UnitRange, total: UInt64) -> [Sent] {
    send(.committed(Committed(job: job, units: [units], counts: .init(done: total))), Self.store)
  }

  mutating func closed(_ job: JobID, isComplete: Bool = false) -> [Sent] {
    send(.closed(ClosedJob(job: job, isComplete: isComplete)), Self.store)
  }

  /// A worker joins.
  mutating func join(_ number: UInt8, fingerprint: ModelFingerprint = .none) -> Peer {
    let peer = Peer(routingID: [100, number])
    _ = send(.hello(Self.worker("w\(number)", instance: Self.instance(number), fingerprint: fingerprint)), peer)
    return peer
  }

  static func instance(_ number: UInt8) -> InstanceID { InstanceID(rawValue: "instance-\(number)") }

  // MARK: What came of it

  mutating func status(_ job: JobID, _ peer: Peer) -> JobStatus? {
    guard case .status(let status)? = send(.statusRequest(job), peer).first?.message else { return nil }
    return status
  }

  func leases(_ sent: [Sent]) -> [LeaseGrant] {
    sent.compactMap { if case .lease(let grant) = $0.message { grant } else { nil } }
  }

  /// What people see of a job.
  var shown: FleetView { state.view(at: now, wall: Self.wall, refused: .init([:])) }
  func view(_ id: JobID) -> JobView? { shown.jobs.first { $0.id == id } }
  func phase(_ id: JobID) -> JobView.Phase? { view(id)?.phase }

  /// What the journal keeps of a job that has not ended, and of one that has.
  func kept(_ id: JobID) -> JobRecord? {
    journal.reversed().lazy.compactMap { if case .kept(let record) = $0 { record } else { nil } }.first {
      $0.job.id == id
    }
  }

  func ended(_ id: JobID) -> JobView? {
    journal.reversed().lazy.compactMap { if case .ended(let view) = $0 { view } else { nil } }.first { $0.id == id }
  }

  /// The jobs whose stores the aggregator is asked to open.
  func opening(_ sent: [Sent]) -> [JobID] {
    sent.compactMap { if case .open(let payload) = $0.message { payload.job } else { nil } }
  }

  private mutating func handle(_ event: CoordinatorState.Event) -> [Sent] { carryOut(state.handle(event, at: now)) }

  private mutating func carryOut(_ commands: [CoordinatorState.Command]) -> [Sent] {
    commands.compactMap {
      switch $0 {
      case .send(let message, let peer): return Sent(message, peer)
      case .journal(let record): journal.append(.kept(record))
      case .journalEnd(let view): journal.append(.ended(view))
      case .build, .log: break
      }
      return nil
    }
  }
}

extension FleetAnswer {
  var job: JobView? { if case .job(let view, _) = self { view } else { nil } }
  var isNew: Bool? { if case .job(_, let isNew) = self { isNew } else { nil } }
  var worker: WorkerView? { if case .worker(let view) = self { view } else { nil } }
  var refusal: FleetRefusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}

extension [Sent] {
  var messages: [FleetMessage] { map(\.message) }
  func contains(_ message: FleetMessage) -> Bool { messages.contains(message) }
}
