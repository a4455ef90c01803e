import Coordinator
import FleetProtocol
import SweepSpec
import Testing

@Suite("Phases of a job: pause, resume, cancel")
struct PhaseTests {
  let store = Harness.store

  @Test("people see a job queued, opening, running and done")
  func phases() throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = 1 }
    let first = try fleet.submit("a", units: 8)
    let second = try fleet.submit("b", units: 8)
    #expect(fleet.phase(first) == .opening)
    #expect(fleet.phase(second) == .queued)
    _ = fleet.open(first)
    #expect(fleet.phase(first) == .running)
    #expect(fleet.view(first)?.startedAt == nil)
    let worker = fleet.join(0)
    _ = fleet.send(.request(leases: 1), worker)
    #expect(fleet.view(first)?.startedAt != nil)
    #expect(fleet.kept(first)?.startedAt != nil, "a coordinator that starts again knows it too")
    _ = fleet.commit(first, 0..<8, total: 8)
    #expect(fleet.phase(first) == .running, "it is done once its store is closed")
    _ = fleet.closed(first, isComplete: true)
    #expect(fleet.phase(first) == .done)
    #expect(fleet.ended(first)?.phase == .done)
    #expect(fleet.phase(second) == .opening)
  }

  // MARK: Pause

  @Test("a paused job gets no more leases; those in hand are finished, then its store is closed")
  func pause() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    let lease = try #require(fleet.leases(fleet.send(.request(leases: 1), worker)).first)
    let (answer, sent) = fleet.ask(.pause(fleet.job))
    #expect(answer.job?.phase == .paused)
    #expect(fleet.kept(fleet.job)?.isPaused == true)
    #expect(sent.isEmpty, "the lease goes on")
    #expect(fleet.send(.request(leases: 1), worker).isEmpty)
    #expect(fleet.tick().isEmpty)

    #expect(fleet.commit(fleet.job, lease.units, total: lease.units.size) == [Sent(.close(fleet.job), store)])
    #expect(fleet.view(fleet.job)?.counts.done == lease.units.size)
    #expect(fleet.closed(fleet.job) == [Sent(.forget(fleet.job), worker)])
    #expect(fleet.phase(fleet.job) == .paused)
    #expect(fleet.tick().isEmpty)
    try fleet.state.validate(at: fleet.now)
  }

  @Test("a lease of a paused job whose worker is lost goes to nobody")
  func pausedAndLost() throws {
    var fleet = try Harness.running(units: 1000)
    let (worker, other) = (fleet.join(0), fleet.join(1))
    _ = fleet.send(.request(leases: 1), worker)
    _ = fleet.ask(.pause(fleet.job))
    _ = fleet.send(.request(leases: 1), other)
    let sent = fleet.send(.goodbye, worker) + fleet.tick()
    #expect(fleet.leases(sent).isEmpty)
    #expect(sent.contains(.close(fleet.job)))
  }

  @Test("a job whose last unit is committed while it is paused is done")
  func pausedAndDone() throws {
    var fleet = try Harness.running(units: 1)
    let worker = fleet.join(0)
    _ = fleet.send(.request(leases: 1), worker)
    _ = fleet.ask(.pause(fleet.job))
    #expect(fleet.commit(fleet.job, 0..<1, total: 1) == [Sent(.close(fleet.job), store)])
    _ = fleet.closed(fleet.job, isComplete: true)
    #expect(fleet.phase(fleet.job) == .done)
  }

  @Test("a job that is resumed before its store was closed goes on at once")
  func resumeAtOnce() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    let lease = try #require(fleet.leases(fleet.send(.request(leases: 1), worker)).first)
    _ = fleet.ask(.pause(fleet.job))
    _ = fleet.send(.request(leases: 1), worker)
    let (answer, sent) = fleet.ask(.resume(fleet.job))
    #expect(answer.job?.phase == .running)
    #expect(fleet.kept(fleet.job)?.isPaused == false)
    #expect(fleet.leases(sent).map(\.units.lowerBound) == [lease.units.upperBound])
  }

  @Test("a job that is resumed while its store is being closed is opened again, and the store says what is left")
  func resumeWhileClosing() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    #expect(fleet.ask(.pause(fleet.job)).sent == [Sent(.close(fleet.job), store)])
    #expect(fleet.ask(.resume(fleet.job)).sent.isEmpty)
    _ = fleet.send(.request(leases: 1), worker)
    #expect(fleet.opening(fleet.closed(fleet.job)) == [fleet.job])
    let sent = fleet.open(fleet.job, committed: 0..<10)
    #expect(fleet.leases(sent).map(\.units.lowerBound) == [10])
    try fleet.state.validate(at: fleet.now)
  }

  @Test("a job that is paused in the queue is passed over until it is resumed")
  func pauseInQueue() throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = 1 }
    let first = try fleet.submit("a")
    let second = try fleet.submit("b")
    let third = try fleet.submit("c")
    #expect(fleet.ask(.pause(second)).sent.isEmpty)
    _ = fleet.ask(.cancel(first))
    #expect(fleet.opening(fleet.closed(first)) == [third])
    _ = fleet.ask(.cancel(third))
    #expect(fleet.opening(fleet.closed(third)).isEmpty)
    #expect(fleet.phase(second) == .paused)
    #expect(fleet.opening(fleet.ask(.resume(second)).sent) == [second])
  }

  @Test("a job that is paused while its store is opened has it closed again")
  func pauseWhileOpening() throws {
    var fleet = Harness.ready()
    let id = try fleet.submit("a")
    #expect(fleet.ask(.pause(id)).sent.isEmpty)
    #expect(fleet.open(id) == [Sent(.close(id), store)])
    #expect(fleet.phase(id) == .paused)
  }

  @Test("a paused job makes room for one that waits")
  func pauseMakesRoom() throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = 1 }
    let first = try fleet.submit("a")
    let second = try fleet.submit("b")
    _ = fleet.open(first)
    _ = fleet.ask(.pause(first))
    #expect(fleet.opening(fleet.closed(first)) == [second])
  }

  @Test("a paused job is paused under the next coordinator too")
  func pauseIsKept() throws {
    var fleet = try Harness.running(units: 8)
    _ = fleet.ask(.pause(fleet.job))
    let record = try #require(fleet.kept(fleet.job))
    var next = Harness.ready()
    #expect(next.restore(record).isEmpty)
    #expect(next.phase(fleet.job) == .paused)
  }

  // MARK: Cancel

  @Test("a cancelled job is struck from the journal, forgotten by its workers, and its store is closed")
  func cancel() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    _ = fleet.send(.request(leases: 1), worker)
    let (answer, sent) = fleet.ask(.cancel(fleet.job))
    #expect(answer.job?.phase == .cancelled)
    #expect(answer.job?.leases == 0)
    #expect(fleet.ended(fleet.job)?.phase == .cancelled)
    #expect(sent == [Sent(.forget(fleet.job), worker), Sent(.close(fleet.job), store)])
    #expect(fleet.send(.request(leases: 1), worker).isEmpty)
    #expect(fleet.status(fleet.job, Harness.client)?.phase == .failed, "the protocol's clients know no other word")
    try fleet.state.validate(at: fleet.now)
  }

  @Test("results that come late, of a job that was cancelled, change nothing")
  func lateResults() throws {
    var fleet = try Harness.running(units: 1000)
    let worker = fleet.join(0)
    let lease = try #require(fleet.leases(fleet.send(.request(leases: 1), worker)).first)
    _ = fleet.ask(.cancel(fleet.job))
    #expect(fleet.send(.heartbeat(Heartbeat(leases: [lease.lease])), worker) == [Sent(.revoke(lease.lease), worker)])
    #expect(fleet.send(.computed(Computed(lease: lease.lease, units: 8, seconds: 1)), worker).isEmpty)
    #expect(fleet.commit(fleet.job, lease.units, total: 8).isEmpty)
    #expect(fleet.open(fleet.job).isEmpty, "it is being closed")
    #expect(fleet.view(fleet.job)?.counts.total == 0)
    #expect(fleet.phase(fleet.job) == .cancelled)
    #expect(fleet.closed(fleet.job).isEmpty)
    try fleet.state.validate(at: fleet.now)
  }

  @Test("a job that is submitted again while its cancelled store is closed waits for that, and then goes on")
  func cancelAndSubmit() throws {
    var fleet = try Harness.running(units: 1000)
    _ = fleet.ask(.cancel(fleet.job))
    let (answer, sent) = fleet.ask(.submit(Submission(try Harness.makeJob(units: 1000))))
    #expect(answer.isNew == true && answer.job?.phase == .queued)
    #expect(sent.isEmpty)
    #expect(fleet.opening(fleet.closed(fleet.job)) == [fleet.job])
    _ = fleet.open(fleet.job, committed: 0..<10)
    #expect(fleet.view(fleet.job)?.counts.done == 10)
  }

  @Test("the aggregator is asked again to close the store of a cancelled job")
  func cancelIsRepeated() throws {
    var fleet = try Harness.running(units: 8)
    _ = fleet.ask(.cancel(fleet.job))
    fleet.now = fleet.now + .seconds(3)
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(fleet.tick() == [Sent(.close(fleet.job), store)])
  }

  @Test("a cancelled job keeps its place until its store is closed")
  func cancelKeepsPlace() throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = 1 }
    let first = try fleet.submit("a")
    let second = try fleet.submit("b")
    _ = fleet.open(first)
    #expect(fleet.opening(fleet.ask(.cancel(first)).sent).isEmpty)
    #expect(fleet.opening(fleet.tick()).isEmpty)
    #expect(fleet.opening(fleet.closed(first)) == [second])
  }

  @Test("a job that is cancelled in the queue concerns nobody")
  func cancelInQueue() throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = 1 }
    try fleet.submit("a")
    let second = try fleet.submit("b")
    #expect(fleet.ask(.cancel(second)).sent.isEmpty)
    #expect(fleet.phase(second) == .cancelled)
  }

  // MARK: Other aggregators, other coordinators

  @Test("a store that nobody needs is closed", arguments: [false, true])
  func strays(isInQueue: Bool) throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = isInQueue ? 1 : 16 }
    if isInQueue { try fleet.submit("a") }
    let job = try Harness.makeJob("b", units: 8)
    if isInQueue { try fleet.submit("b", units: 8) }
    #expect(fleet.open(job.id) == [Sent(.close(job.id), store)])
    #expect(fleet.closed(job.id).isEmpty)
  }

  @Test("an aggregator that ends while it closes a paused job's store needs not be asked again")
  func aggregatorEndsWhileClosing() throws {
    var fleet = try Harness.running(units: 8)
    _ = fleet.ask(.pause(fleet.job))
    _ = fleet.send(.goodbye, store)
    let hello = Hello(role: .aggregator, instance: InstanceID(), name: "b", endpoint: "ipc:///b")
    let other = Peer(routingID: [9])
    #expect(fleet.send(.hello(hello), other).isEmpty)
    #expect(fleet.phase(fleet.job) == .paused)
    #expect(fleet.opening(fleet.ask(.resume(fleet.job)).sent) == [fleet.job])
    try fleet.state.validate(at: fleet.now)
  }

  @Test("a store that the aggregator closed by itself is opened again")
  func closedByItself() throws {
    var fleet = try Harness.running(units: 8)
    #expect(fleet.opening(fleet.closed(fleet.job)) == [fleet.job])
    #expect(fleet.phase(fleet.job) == .opening)
  }
}
