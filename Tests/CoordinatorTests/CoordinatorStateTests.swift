import Coordinator
import FleetProtocol
import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("Coordinator")
struct CoordinatorStateTests {
  let client = Peer(routingID: [1])
  let store = Peer(routingID: [2])
  let aggregator = Hello(role: .aggregator, instance: InstanceID(), name: "a", endpoint: "ipc:///a")

  @Test("a job runs from submission to done")
  func wholeRun() throws {
    var fleet = Harness()
    let job = try makeJob(units: 20)
    #expect(fleet.send(.hello(aggregator), store).isEmpty)
    #expect(fleet.submit(job, client) == [Sent(.accepted(job.id), client), Sent(.open(JobPayload(job)), store)])
    let worker = Peer(routingID: [3])
    let welcome = FleetMessage.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///a"))
    #expect(fleet.send(.hello(Self.worker("w")), worker) == [Sent(welcome, worker)])
    #expect(fleet.send(.request(leases: 1), worker).isEmpty, "nothing is known to be left before the store is open")

    let sent = fleet.send(.opened(OpenedJob(job: job.id, committed: [0..<5], counts: .init(done: 5))), store)
    #expect(sent.first == Sent(.job(JobPayload(job)), worker))
    #expect(fleet.leases(sent).map(\.units) == [5..<12], "half of what is left, for one worker")
    let next = fleet.send(.request(leases: 2), worker)
    #expect(!next.contains { if case .job = $0.message { true } else { false } }, "the job is sent to a worker once")

    let committed = Committed(job: job.id, units: [5..<20], counts: .init(done: 20))
    #expect(fleet.send(.committed(committed), store) == [Sent(.close(job.id), store)])
    #expect(fleet.send(.closed(ClosedJob(job: job.id, isComplete: true)), store) == [Sent(.forget(job.id), worker)])
    #expect(fleet.status(job.id, client)?.phase == .done)
    try fleet.state.validate(at: fleet.now)
  }

  @Test("a worker that falls silent loses its leases to another")
  func lostWorker() throws {
    var fleet = try running(units: 8)
    let (first, second) = (Peer(routingID: [3]), Peer(routingID: [4]))
    _ = fleet.send(.hello(Self.worker("first")), first)
    _ = fleet.send(.hello(Self.worker("second")), second)
    let lost = fleet.leases(fleet.send(.request(leases: 8), first))
    #expect(fleet.send(.request(leases: 1), second).isEmpty)
    fleet.now = fleet.now + .seconds(4)
    for peer in [second, store] { _ = fleet.send(.heartbeat(Heartbeat(wanted: 1)), peer) }
    fleet.now = fleet.now + .seconds(2)
    let again = fleet.leases(fleet.tick())
    #expect(again.map(\.units.lowerBound) == [lost[0].units.lowerBound])
    #expect(again.map(\.attempt) == [2])
    #expect(fleet.send(.heartbeat(Heartbeat()), first) == [Sent(.identify, first)], "it may come back")
    try fleet.state.validate(at: fleet.now)
  }

  @Test("a worker that says goodbye gives its leases back at once")
  func goodbye() throws {
    var fleet = try running(units: 8)
    let (first, second) = (Peer(routingID: [3]), Peer(routingID: [4]))
    _ = fleet.send(.hello(Self.worker("first")), first)
    _ = fleet.send(.hello(Self.worker("second")), second)
    _ = fleet.send(.request(leases: 8), first)
    _ = fleet.send(.request(leases: 1), second)
    #expect(fleet.leases(fleet.send(.goodbye, first)).count == 1)
  }

  @Test("heartbeats keep a lease for as long as they come")
  func heartbeats() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Self.worker("w")), worker)
    let lease = fleet.leases(fleet.send(.request(leases: 1), worker))[0].lease
    for _ in 0..<100 {
      fleet.now = fleet.now + .seconds(1)
      _ = fleet.send(.heartbeat(Heartbeat(leases: [lease])), worker)
      #expect(fleet.tick().isEmpty)
    }
  }

  @Test("a lease its living worker does not name is taken back")
  func forgottenLease() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Self.worker("w")), worker)
    let lease = fleet.leases(fleet.send(.request(leases: 1), worker))[0].lease
    var sent: [Sent] = []
    for _ in 0..<6 {
      fleet.now = fleet.now + .seconds(1)
      _ = fleet.send(.heartbeat(Heartbeat(leases: [])), worker)
      sent += fleet.tick()
    }
    #expect(sent.contains(Sent(.revoke(lease), worker)))
  }

  @Test("a computed lease waits for its commit without heartbeats, but not for ever")
  func computedLease() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Self.worker("w")), worker)
    let lease = fleet.leases(fleet.send(.request(leases: 1), worker))[0].lease
    _ = fleet.send(.computed(Computed(lease: lease, units: 4, seconds: 1)), worker)
    for second in 1...61 {
      fleet.now = fleet.now + .seconds(1)
      _ = fleet.send(.heartbeat(Heartbeat()), worker)
      #expect(fleet.tick().contains(Sent(.revoke(lease), worker)) == (second == 60))
    }
  }

  @Test("a worker with another model gets nothing, waits for jobs of its own, and the status says what is missing")
  func fingerprint() throws {
    var fleet = try running(units: 8, fingerprint: ModelFingerprint("aa"))
    let (wrong, right) = (Peer(routingID: [3]), Peer(routingID: [4]))
    _ = fleet.send(.hello(Self.worker("w", fingerprint: ModelFingerprint("bb"))), wrong)
    #expect(fleet.send(.request(leases: 1), wrong).isEmpty)
    let problem = fleet.status(fleet.job, client)?.problem ?? ""
    #expect(problem.contains("aa") && problem.contains("bb"))
    _ = fleet.send(.hello(Self.worker("w", fingerprint: ModelFingerprint("aa"))), right)
    #expect(fleet.leases(fleet.send(.request(leases: 1), right)).count == 1)
    #expect(fleet.status(fleet.job, client)?.problem == "")
  }

  @Test("a new aggregator is told of open jobs, and its store is believed")
  func newAggregator() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Self.worker("w")), worker)
    fleet.now = fleet.now + .seconds(20)
    let other = Peer(routingID: [9])
    let hello = Hello(role: .aggregator, instance: InstanceID(), name: "b", endpoint: "ipc:///b")
    let sent = fleet.send(.hello(hello), other)
    #expect(sent.contains { if case .open = $0.message { $0.peer == other } else { false } })
    #expect(sent.contains(Sent(.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///b")), worker)))
  }

  @Test("a second aggregator is refused while the first is there")
  func secondAggregator() throws {
    var fleet = try running(units: 8)
    let hello = Hello(role: .aggregator, instance: InstanceID(), name: "b", endpoint: "ipc:///b")
    guard case .refused? = fleet.send(.hello(hello), Peer(routingID: [9])).first?.message else {
      Issue.record("not refused")
      return
    }
  }

  @Test("nothing is leased while the aggregator cannot write")
  func storage() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Self.worker("w")), worker)
    _ = fleet.send(.storage(StorageState(problem: "disk full")), store)
    #expect(fleet.send(.request(leases: 1), worker).isEmpty)
    #expect(fleet.status(fleet.job, client)?.problem == "disk full")
    #expect(fleet.leases(fleet.send(.storage(StorageState(problem: "")), store)).count == 1)
  }

  @Test("nothing is leased while the aggregator is silent, and the status says so")
  func silentAggregator() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    fleet.now = fleet.now + .seconds(6)
    _ = fleet.send(.hello(Self.worker("w")), worker)
    #expect(fleet.send(.request(leases: 1), worker).isEmpty)
    #expect(fleet.status(fleet.job, client)?.problem == "the aggregator was not heard of for 5.0 seconds")
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(fleet.leases(fleet.tick()).count == 1)
  }

  @Test("a heartbeat makes up for a request that got lost, and for word that the disk is well again")
  func lostMessages() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Self.worker("w")), worker)
    _ = fleet.send(.storage(StorageState(problem: "disk full")), store)
    #expect(fleet.send(.heartbeat(Heartbeat(wanted: 1)), worker).isEmpty)
    #expect(fleet.leases(fleet.send(.heartbeat(Heartbeat()), store)).count == 1)
    #expect(fleet.leases(fleet.send(.heartbeat(Heartbeat(wanted: 1)), worker)).count == 1)
  }

  @Test("what the aggregator was asked and did not do is asked again, once it was heard of")
  func reminder() throws {
    var fleet = Harness()
    let job = try makeJob(units: 8)
    _ = fleet.send(.hello(aggregator), store)
    _ = fleet.submit(job, client)
    let open = Sent(.open(JobPayload(job)), store)
    fleet.now = fleet.now + .seconds(3)
    #expect(fleet.tick().isEmpty, "it may still be at it")
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(fleet.tick() == [open])
    #expect(fleet.tick().isEmpty)
    _ = fleet.send(.opened(OpenedJob(job: job.id, committed: [0..<8], counts: .init(done: 8))), store)
    fleet.now = fleet.now + .seconds(3)
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(fleet.tick() == [Sent(.close(job.id), store)])
  }

  @Test("a commit the coordinator missed is asked for")
  func missedCommit() throws {
    var fleet = try running(units: 8)
    let missed = Committed(job: fleet.job, units: [4..<6], counts: .init(done: 4))
    _ = fleet.send(.committed(missed), store)
    fleet.now = fleet.now + .seconds(3)
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(fleet.tick() == [Sent(.statusRequest(fleet.job), store)])
  }

  @Test("a worker whose records do not fit is sent away after three batches, and the units go to others at once")
  func badRecords() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    let hello = Self.worker("w")
    _ = fleet.send(.hello(hello), worker)
    for round in 1...3 {
      let lease = try #require(fleet.leases(fleet.send(.heartbeat(Heartbeat(wanted: 1)), worker)).first)
      #expect(lease.attempt == round)
      let bad = Discarded(job: fleet.job, units: [lease.units], worker: hello.instance)
      let sent = fleet.send(.discarded(bad), store)
      #expect(sent.contains { if case .refused = $0.message { true } else { false } } == (round == 3))
    }
  }

  @Test("a unit that its workers die of is given up, and the aggregator is told to say so")
  func quarantine() throws {
    var fleet = try running(units: 1)
    for life in 1...4 {
      let worker = Peer(routingID: [3, UInt8(life)])
      _ = fleet.send(.hello(Self.worker("w")), worker)
      #expect(fleet.leases(fleet.send(.request(leases: 1), worker)).map(\.attempt) == [life])
      for _ in 0..<30 {
        fleet.now = fleet.now + .milliseconds(200)
        _ = fleet.send(.heartbeat(Heartbeat()), store)
        let orders = fleet.tick().compactMap { if case .quarantine(let order) = $0.message { order } else { nil } }
        if let order = orders.first {
          #expect(life == 4 && order.units == [0..<1] && order.attempt == 4)
          return
        }
      }
    }
    Issue.record("the unit was not given up")
  }

  @Test("a coordinator that starts anew goes on with the jobs of its journal")
  func restored() throws {
    var fleet = Harness()
    let job = try makeJob(units: 8)
    #expect(fleet.restore(job).isEmpty)
    #expect(fleet.send(.hello(aggregator), store) == [Sent(.open(JobPayload(job)), store)])
  }

  @Test("a worker with nothing to do takes the tail of a lease that hardly gets on")
  func straggler() throws {
    var fleet = try running(units: 8)
    let (slow, quick) = (Peer(routingID: [3]), Peer(routingID: [4]))
    _ = fleet.send(.hello(Self.worker("slow")), slow)
    var leases = fleet.leases(fleet.send(.request(leases: 8), slow))
    #expect(leases.map(\.units) == [0..<4, 4..<6, 6..<7, 7..<8])
    _ = fleet.send(.committed(Committed(job: fleet.job, units: [4..<8], counts: .init(done: 4))), store)
    _ = fleet.send(.hello(Self.worker("quick")), quick)
    _ = fleet.send(.request(leases: 1), quick)
    var lent: [LeaseGrant] = []
    for _ in 0..<30 where lent.isEmpty {
      fleet.now = fleet.now + .milliseconds(200)
      _ = fleet.send(.heartbeat(Heartbeat(leases: [leases[0].lease])), slow)
      _ = fleet.send(.heartbeat(Heartbeat(wanted: 1)), quick)
      _ = fleet.send(.heartbeat(Heartbeat()), store)
      lent = fleet.leases(fleet.tick())
    }
    #expect(lent.map(\.units) == [2..<4])
    leases = lent
    let overtaken = fleet.send(.committed(Committed(job: fleet.job, units: [2..<4], counts: .init(done: 6))), store)
    #expect(overtaken == [Sent(.revoke(leases[0].lease), quick)], "the slow one was first after all")
    try fleet.state.validate(at: fleet.now)
  }

  @Test("progress counts what is committed, not what is leased or computed")
  func honestNumbers() throws {
    var fleet = try running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Self.worker("w")), worker)
    let lease = fleet.leases(fleet.send(.request(leases: 1), worker))[0]
    fleet.now = fleet.now + .seconds(1)
    _ = fleet.send(.computed(Computed(lease: lease.lease, units: lease.units.size, seconds: 1)), worker)
    #expect(fleet.status(fleet.job, client)?.counts.total == 0)
    #expect(fleet.status(fleet.job, client)?.rate == 0)
    _ = fleet.send(.committed(Committed(job: fleet.job, units: [0..<2], counts: .init(done: 2))), store)
    #expect(fleet.status(fleet.job, client)?.counts.total == 2)
    #expect(fleet.status(fleet.job, client)?.rate == 2, "two units in the second since the start")
  }

  @Test("strangers are asked who they are, and a store that cannot be opened fails the job")
  func strangers() throws {
    var fleet = Harness()
    let peer = Peer(routingID: [7])
    #expect(fleet.send(.request(leases: 1), peer) == [Sent(.identify, peer)])
    _ = fleet.send(.hello(aggregator), store)
    let job = try makeJob(units: 8)
    _ = fleet.submit(job, client)
    _ = fleet.send(.opened(OpenedJob(job: job.id, problem: "no room")), store)
    #expect(fleet.status(job.id, client)?.phase == .failed)
    #expect(fleet.status(job.id, client)?.problem == "no room")
  }

  static func worker(_ name: String, fingerprint: ModelFingerprint = .none) -> Hello {
    Hello(role: .worker, instance: InstanceID(), name: name, model: "m", fingerprint: fingerprint)
  }

  private func running(units: Int, fingerprint: ModelFingerprint = .none) throws -> Harness {
    var fleet = Harness()
    let job = try makeJob(units: units, fingerprint: fingerprint)
    _ = fleet.send(.hello(aggregator), store)
    _ = fleet.submit(job, client)
    _ = fleet.send(.opened(OpenedJob(job: job.id)), store)
    fleet.job = job.id
    return fleet
  }

  func makeJob(units: Int, fingerprint: ModelFingerprint = .none) throws -> Job {
    let precision = fingerprint == .none ? "" : #""precision":"fp32","#
    let spec = """
      {"version":1,"name":"test","truncate":false,\
      "model":{"name":"m","fingerprint":"\(fingerprint.rawValue)",\(precision)"dim":4},\
      "sweep":{"kind":"null-probe","parameters":{"units":\(units),"dim":4}}}
      """
    return try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
  }
}

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
  var state = CoordinatorState()
  var now = MonotonicInstant(sinceStart: .zero)
  var job = JobID(rawValue: "none")!

  mutating func send(_ message: FleetMessage, _ peer: Peer) -> [Sent] { handle(.received(message, from: peer)) }
  mutating func submit(_ job: Job, _ peer: Peer) -> [Sent] { handle(.submitted(job, from: peer)) }
  mutating func restore(_ job: Job) -> [Sent] {
    handle(.restored(JobRecord(job: job, submittedAt: Date(timeIntervalSince1970: 0))))
  }
  mutating func tick() -> [Sent] { handle(.tick) }

  mutating func status(_ job: JobID, _ peer: Peer) -> JobStatus? {
    guard case .status(let status)? = send(.statusRequest(job), peer).first?.message else { return nil }
    return status
  }

  func leases(_ sent: [Sent]) -> [LeaseGrant] {
    sent.compactMap { if case .lease(let grant) = $0.message { grant } else { nil } }
  }

  private mutating func handle(_ event: CoordinatorState.Event) -> [Sent] {
    state.handle(event, at: now).compactMap {
      if case .send(let message, let peer) = $0 { Sent(message, peer) } else { nil }
    }
  }
}
