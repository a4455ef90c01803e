import Coordinator
import FleetProtocol
import SweepSpec
import Testing

@Suite("Draining of workers")
struct DrainTests {
  private static let dismiss = FleetMessage.dismiss(reason: "this worker was drained")

  @Test("an idle worker that is drained is dismissed at once")
  func idle() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    let (answer, sent) = fleet.ask(.drain(Harness.instance(0)))
    #expect(answer.worker?.state == .draining)
    #expect(sent == [Sent(Self.dismiss, worker)])
    #expect(fleet.send(.request(leases: 1), worker).isEmpty)
  }

  @Test("a drained worker finishes what it holds, gets nothing more, and is dismissed once that is committed")
  func busy() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    let lease = try #require(fleet.leases(fleet.send(.request(leases: 1), worker)).first)
    _ = fleet.send(.request(leases: 1), fleet.join(1))
    #expect(fleet.ask(.drain(Harness.instance(0))).sent.isEmpty)
    let beat = fleet.send(.heartbeat(Heartbeat(leases: [lease.lease], wanted: 1)), worker)
    #expect(beat.isEmpty, "its lease is renewed, and it gets no other")
    _ = fleet.send(.computed(Computed(lease: lease.lease, units: lease.units.size, seconds: 1)), worker)
    #expect(fleet.tick().isEmpty, "its records are not durable yet")
    _ = fleet.commit(fleet.job, lease.units, total: lease.units.size)
    #expect(fleet.tick() == [Sent(Self.dismiss, worker)])
    try fleet.state.validate(at: fleet.now)
  }

  @Test("a worker that waits for leases gets none once it is drained")
  func waiting() throws {
    var fleet = Harness.ready()
    let worker = fleet.join(0)
    _ = fleet.send(.request(leases: 2), worker)
    _ = fleet.ask(.drain(Harness.instance(0)))
    let id = try fleet.submit("a")
    #expect(fleet.leases(fleet.open(id)).isEmpty)
    try fleet.state.validate(at: fleet.now)
  }

  @Test("a worker is told again until it is gone, and then no more")
  func repeated() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    _ = fleet.ask(.drain(Harness.instance(0)))
    #expect(fleet.tick().isEmpty)
    fleet.now = fleet.now + .seconds(2)
    _ = fleet.send(.heartbeat(Heartbeat()), worker)
    #expect(fleet.tick() == [Sent(Self.dismiss, worker)])
    _ = fleet.send(.goodbye, worker)
    fleet.now = fleet.now + .seconds(2)
    #expect(fleet.tick().isEmpty)
    #expect(fleet.ask(.drain(Harness.instance(0))).answer.refusal?.code == .unknown)
  }

  @Test("a worker that connects again is still drained")
  func reconnects() throws {
    var fleet = try Harness.running(units: 1000)
    _ = fleet.join(0)
    _ = fleet.ask(.drain(Harness.instance(0)))
    let again = Peer(routingID: [77])
    _ = fleet.send(.hello(Harness.worker("w0", instance: Harness.instance(0))), again)
    #expect(fleet.leases(fleet.send(.request(leases: 1), again)).isEmpty)
    fleet.now = fleet.now + .seconds(2)
    _ = fleet.send(.heartbeat(Heartbeat()), again)
    #expect(fleet.tick() == [Sent(Self.dismiss, again)])
  }

  @Test("draining a worker twice says the same twice, and hurries nobody")
  func twice() throws {
    var fleet = try Harness.running(units: 1000)
    _ = fleet.join(0)
    _ = fleet.ask(.drain(Harness.instance(0)))
    let (answer, sent) = fleet.ask(.drain(Harness.instance(0)))
    #expect(answer.worker?.state == .draining && sent.isEmpty)
  }

  @Test("what a drained worker that dies held goes to others")
  func dies() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    let lease = try #require(fleet.leases(fleet.send(.request(leases: 1), worker)).first)
    _ = fleet.ask(.drain(Harness.instance(0)))
    fleet.now = fleet.now + .seconds(3)
    let other = fleet.join(1)
    _ = fleet.send(.heartbeat(Heartbeat()), Harness.store)
    fleet.now = fleet.now + .seconds(3)
    _ = fleet.tick()
    let leases = fleet.leases(fleet.send(.heartbeat(Heartbeat(wanted: 1)), other))
    #expect(leases.map(\.units.lowerBound) == [lease.units.lowerBound])
    #expect(fleet.ask(.drain(Harness.instance(0))).answer.refusal?.code == .unknown)
    try fleet.state.validate(at: fleet.now)
  }
}
