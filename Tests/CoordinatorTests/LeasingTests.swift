import Coordinator
import FleetProtocol
import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("Leases of workers")
struct LeasingTests {
  let client = Harness.client
  let store = Harness.store

  @Test("a worker that falls silent loses its leases to another")
  func lostWorker() throws {
    var fleet = try Harness.running(units: 8)
    let (first, second) = (Peer(routingID: [3]), Peer(routingID: [4]))
    _ = fleet.send(.hello(Harness.worker("first")), first)
    _ = fleet.send(.hello(Harness.worker("second")), second)
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
    var fleet = try Harness.running(units: 8)
    let (first, second) = (Peer(routingID: [3]), Peer(routingID: [4]))
    _ = fleet.send(.hello(Harness.worker("first")), first)
    _ = fleet.send(.hello(Harness.worker("second")), second)
    _ = fleet.send(.request(leases: 8), first)
    _ = fleet.send(.request(leases: 1), second)
    #expect(fleet.leases(fleet.send(.goodbye, first)).count == 1)
  }

  @Test("heartbeats keep a lease for as long as they come")
  func heartbeats() throws {
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Harness.worker("w")), worker)
    let lease = fleet.leases(fleet.send(.request(leases: 1), worker))[0].lease
    for _ in 0..<100 {
      fleet.now = fleet.now + .seconds(1)
      _ = fleet.send(.heartbeat(Heartbeat(leases: [lease])), worker)
      #expect(fleet.tick().isEmpty)
    }
  }

  @Test("a lease its living worker does not name is taken back")
  func forgottenLease() throws {
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Harness.worker("w")), worker)
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
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Harness.worker("w")), worker)
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
    var fleet = try Harness.running(units: 8, fingerprint: ModelFingerprint("aa"))
    let (wrong, right) = (Peer(routingID: [3]), Peer(routingID: [4]))
    _ = fleet.send(.hello(Harness.worker("w", fingerprint: ModelFingerprint("bb"))), wrong)
    #expect(fleet.send(.request(leases: 1), wrong).isEmpty)
    let problem = fleet.status(fleet.job, client)?.problem ?? ""
    #expect(problem.contains("aa") && problem.contains("bb"))
    _ = fleet.send(.hello(Harness.worker("w", fingerprint: ModelFingerprint("aa"))), right)
    #expect(fleet.leases(fleet.send(.request(leases: 1), right)).count == 1)
    #expect(fleet.status(fleet.job, client)?.problem == "")
  }

  @Test("a heartbeat makes up for a request that got lost, and for word that the disk is well again")
  func lostMessages() throws {
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    _ = fleet.send(.hello(Harness.worker("w")), worker)
    _ = fleet.send(.storage(StorageState(problem: "disk full")), store)
    #expect(fleet.send(.heartbeat(Heartbeat(wanted: 1)), worker).isEmpty)
    #expect(fleet.leases(fleet.send(.heartbeat(Heartbeat()), store)).count == 1)
    #expect(fleet.leases(fleet.send(.heartbeat(Heartbeat(wanted: 1)), worker)).count == 1)
  }

  @Test("a worker whose records do not fit is sent away after three batches, and the units go to others at once")
  func badRecords() throws {
    var fleet = try Harness.running(units: 8)
    let worker = Peer(routingID: [3])
    let hello = Harness.worker("w")
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
    var fleet = try Harness.running(units: 1)
    for life in 1...4 {
      let worker = Peer(routingID: [3, UInt8(life)])
      _ = fleet.send(.hello(Harness.worker("w")), worker)
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

  @Test("a worker with nothing to do takes the tail of a lease that hardly gets on")
  func straggler() throws {
    var fleet = try Harness.running(units: 8)
    let (slow, quick) = (Peer(routingID: [3]), Peer(routingID: [4]))
    _ = fleet.send(.hello(Harness.worker("slow")), slow)
    var leases = fleet.leases(fleet.send(.request(leases: 8), slow))
    #expect(leases.map(\.units) == [0..<4, 4..<6, 6..<7, 7..<8])
    _ = fleet.send(.committed(Committed(job: fleet.job, units: [4..<8], counts: .init(done: 4))), store)
    _ = fleet.send(.hello(Harness.worker("quick")), quick)
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

  @Test("a worker that is silent for half a lease gets nothing until it is heard of again")
  func silent() throws {
    var fleet = try Harness.running(units: 1)
    let (holder, silent) = (fleet.join(0), fleet.join(1))
    #expect(fleet.leases(fleet.send(.request(leases: 1), holder)).count == 1)
    _ = fleet.send(.request(leases: 1), silent)
    fleet.now = fleet.now + CoordinatorSettings().lease / 2
    #expect(fleet.leases(fleet.send(.goodbye, holder)).isEmpty)
    #expect(fleet.leases(fleet.send(.heartbeat(Heartbeat(wanted: 1)), silent)).count == 1)
    try fleet.state.validate(at: fleet.now)
  }
}
