import Coordinator
import FleetProtocol
import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("Coordinator")
struct CoordinatorStateTests {
  let client = Harness.client
  let store = Harness.store
  let aggregator = Harness.aggregator

  @Test("a job runs from submission to done")
  func wholeRun() throws {
    var fleet = Harness()
    let job = try Harness.makeJob(units: 20)
    #expect(fleet.send(.hello(aggregator), store).isEmpty)
    #expect(fleet.submit(job, client) == [Sent(.accepted(job.id), client), Sent(.open(JobPayload(job)), store)])
    let worker = Peer(routingID: [3])
    let welcome = FleetMessage.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///a"))
    #expect(fleet.send(.hello(Harness.worker("w")), worker) == [Sent(welcome, worker)])
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

  @Test("a new aggregator is told of open jobs, and its store is believed")
  func newAggregator() throws {
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Harness.worker("w")), worker)
    fleet.now = fleet.now + .seconds(20)
    let other = Peer(routingID: [9])
    let hello = Hello(role: .aggregator, instance: InstanceID(), name: "b", endpoint: "ipc:///b")
    let sent = fleet.send(.hello(hello), other)
    #expect(sent.contains { if case .open = $0.message { $0.peer == other } else { false } })
    #expect(sent.contains(Sent(.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///b")), worker)))
  }

  @Test("a second aggregator is refused while the first is there")
  func secondAggregator() throws {
    var fleet = try Harness.running(units: 8)
    let hello = Hello(role: .aggregator, instance: InstanceID(), name: "b", endpoint: "ipc:///b")
    guard case .refused? = fleet.send(.hello(hello), Peer(routingID: [9])).first?.message else {
      Issue.record("not refused")
      return
    }
  }

  @Test("nothing is leased while the aggregator cannot write")
  func storage() throws {
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Harness.worker("w")), worker)
    _ = fleet.send(.storage(StorageState(problem: "disk full")), store)
    #expect(fleet.send(.request(leases: 1), worker).isEmpty)
    #expect(fleet.status(fleet.job, client)?.problem == "disk full")
    #expect(fleet.leases(fleet.send(.storage(StorageState(problem: "")), store)).count == 1)
  }

  @Test("nothing is leased while the aggregator is silent, and the status says so")
  func silentAggregator() throws {
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    fleet.now = fleet.now + .seconds(6)
    _ = fleet.send(.hello(Harness.worker("w")), worker)
    #expect(fleet.send(.request(leases: 1), worker).isEmpty)
    #expect(fleet.status(fleet.job, client)?.problem == "the aggregator was not heard of for 5.0 seconds")
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(fleet.leases(fleet.tick()).count == 1)
  }

  @Test("what the aggregator was asked and did not do is asked again, once it was heard of")
  func reminder() throws {
    var fleet = Harness()
    let job = try Harness.makeJob(units: 8)
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
    var fleet = try Harness.running(units: 8)
    let missed = Committed(job: fleet.job, units: [4..<6], counts: .init(done: 4))
    _ = fleet.send(.committed(missed), store)
    fleet.now = fleet.now + .seconds(3)
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(fleet.tick() == [Sent(.statusRequest(fleet.job), store)])
  }

  @Test("a coordinator that starts anew goes on with the jobs of its journal")
  func restored() throws {
    var fleet = Harness()
    let job = try Harness.makeJob(units: 8)
    #expect(fleet.restore(JobRecord(job: job, submittedAt: Harness.wall)).isEmpty)
    #expect(fleet.send(.hello(aggregator), store) == [Sent(.open(JobPayload(job)), store)])
  }

  @Test("progress counts what is committed, not what is leased or computed")
  func honestNumbers() throws {
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Harness.worker("w")), worker)
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
    let job = try Harness.makeJob(units: 8)
    _ = fleet.submit(job, client)
    _ = fleet.send(.opened(OpenedJob(job: job.id, problem: "no room")), store)
    #expect(fleet.status(job.id, client)?.phase == .failed)
    #expect(fleet.status(job.id, client)?.problem == "no room")
  }
}
