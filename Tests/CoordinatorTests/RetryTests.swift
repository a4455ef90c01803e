import Coordinator
import FleetProtocol
import SweepSpec
import Testing

@Suite("Retry of failures")
struct RetryTests {
  private let store = Harness.store

  private func orders(_ sent: [Sent]) -> [RetryOrder] {
    sent.compactMap { if case .retry(let order) = $0.message { order } else { nil } }
  }

  /// A job of ten units, all committed but the last, two of them failed.
  private func failing() throws -> Harness {
    var fleet = Harness.ready()
    fleet.job = try fleet.submit("a", units: 10)
    _ = fleet.open(fleet.job, committed: 0..<9, failed: 2)
    return fleet
  }

  @Test("the aggregator is told to put failures back, and what it then says is missing is leased again")
  func retry() throws {
    var fleet = try failing()
    let worker = fleet.join(0)
    let (answer, sent) = fleet.ask(.retryFailures(fleet.job, code: "too-long"))
    #expect(answer.job?.counts.failed == 2, "not yet")
    let order = try #require(orders(sent).first)
    #expect(order.job == fleet.job && order.code == "too-long")
    #expect(fleet.kept(fleet.job)?.retries == ["too-long"])
    _ = fleet.send(.request(leases: 32), worker)
    let again = fleet.open(fleet.job, committed: 0..<7, retried: order.number)
    #expect(fleet.leases(again).flatMap(\.units).contains(7))
    #expect(fleet.view(fleet.job)?.counts == UnitCounts(done: 7))
    #expect(fleet.kept(fleet.job)?.retries == [])
    try fleet.state.validate(at: fleet.now)
  }

  @Test("an order that is not carried out is repeated under its number, so that it is carried out once")
  func repeated() throws {
    var fleet = try failing()
    let order = try #require(orders(fleet.ask(.retryFailures(fleet.job, code: nil)).sent).first)
    #expect(order.code == "")
    fleet.now = fleet.now + .seconds(3)
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(orders(fleet.tick()) == [order])
    // What the store held before the order came in answers nothing.
    #expect(orders(fleet.open(fleet.job, committed: 0..<9, failed: 2)) == [order])
    _ = fleet.open(fleet.job, committed: 0..<7, retried: order.number)
    fleet.now = fleet.now + .seconds(3)
    _ = fleet.send(.heartbeat(Heartbeat()), store)
    #expect(orders(fleet.tick()).isEmpty)
  }

  @Test("orders of several codes follow one another, each with a number of its own; the same one twice is one")
  func several() throws {
    var fleet = try failing()
    let first = try #require(orders(fleet.ask(.retryFailures(fleet.job, code: "a")).sent).first)
    _ = fleet.ask(.retryFailures(fleet.job, code: "b"))
    _ = fleet.ask(.retryFailures(fleet.job, code: "a"))
    let second = try #require(orders(fleet.open(fleet.job, committed: 0..<8, failed: 1, retried: first.number)).first)
    #expect(second.code == "b" && second.number != first.number)
    #expect(orders(fleet.open(fleet.job, committed: 0..<7, retried: second.number)).isEmpty)
  }

  @Test("a job is not closed before its failures were put back")
  func complete() throws {
    var fleet = try failing()
    let order = try #require(orders(fleet.ask(.retryFailures(fleet.job, code: nil)).sent).first)
    let sent = fleet.commit(fleet.job, 9..<10, total: 10)
    #expect(!sent.contains(.close(fleet.job)))
    _ = fleet.open(fleet.job, committed: 0..<8, retried: order.number)
    #expect(fleet.phase(fleet.job) == .running)
  }

  @Test("a retry that crosses the closing of the complete store has it opened again")
  func crossing() throws {
    var fleet = try failing()
    #expect(fleet.commit(fleet.job, 9..<10, total: 10).contains(.close(fleet.job)))
    _ = fleet.ask(.retryFailures(fleet.job, code: nil))
    #expect(fleet.opening(fleet.closed(fleet.job, isComplete: true)) == [fleet.job])
    #expect(fleet.phase(fleet.job) == .opening, "it is not done")
    let order = try #require(orders(fleet.open(fleet.job, committed: 0..<10, failed: 2)).first)
    _ = fleet.open(fleet.job, committed: 0..<8, retried: order.number)
    #expect(fleet.phase(fleet.job) == .running)
    #expect(fleet.view(fleet.job)?.counts.total == 8)
  }

  @Test("a job that has ended is submitted again with what to retry, and goes on with the failures")
  func ended() throws {
    var fleet = try failing()
    _ = fleet.commit(fleet.job, 9..<10, total: 10)
    _ = fleet.closed(fleet.job, isComplete: true)
    #expect(fleet.ask(.retryFailures(fleet.job, code: nil)).answer.refusal?.code == .conflict)
    let job = try Harness.makeJob("a", units: 10)
    let (answer, sent) = fleet.ask(.submit(Submission(job, retrying: "")))
    #expect(answer.isNew == true)
    #expect(fleet.opening(sent) == [job.id])
    let order = try #require(orders(fleet.open(job.id, committed: 0..<10, failed: 2)).first)
    #expect(fleet.phase(job.id) == .running, "complete as the store is, it is not done")
    _ = fleet.open(job.id, committed: 0..<8, retried: order.number)
    _ = fleet.commit(job.id, 8..<10, total: 10)
    _ = fleet.closed(job.id, isComplete: true)
    #expect(fleet.phase(job.id) == .done)
  }

  @Test("a retry that was accepted is carried out under the next coordinator, under another number")
  func kept() throws {
    var fleet = try failing()
    let order = try #require(orders(fleet.ask(.retryFailures(fleet.job, code: "x")).sent).first)
    var next = Harness.ready { $0.firstLease = 1 << 40 }
    _ = next.restore(try #require(fleet.kept(fleet.job)))
    let again = try #require(orders(next.open(fleet.job, committed: 0..<9, failed: 2)).first)
    #expect(again.code == "x" && again.number != order.number)
  }

  @Test("a paused job's failures are put back before its store is closed, or once it is resumed")
  func paused() throws {
    var fleet = try failing()
    let order = try #require(orders(fleet.ask(.retryFailures(fleet.job, code: nil)).sent).first)
    #expect(!fleet.ask(.pause(fleet.job)).sent.contains(.close(fleet.job)))
    #expect(fleet.open(fleet.job, committed: 0..<7, retried: order.number).contains(.close(fleet.job)))
    _ = fleet.closed(fleet.job)
    #expect(orders(fleet.ask(.retryFailures(fleet.job, code: nil)).sent).isEmpty)
    _ = fleet.ask(.resume(fleet.job))
    #expect(orders(fleet.open(fleet.job, committed: 0..<7)).count == 1)
  }

  @Test("a code that no failure can have, and more codes than may wait, are refused")
  func bounds() throws {
    var fleet = try failing()
    let long = String(repeating: "x", count: 65)
    #expect(fleet.ask(.retryFailures(fleet.job, code: long)).answer.refusal?.code == .unknown)
    for number in 0..<16 {
      #expect(fleet.ask(.retryFailures(fleet.job, code: "c\(number)")).answer.refusal == nil)
    }
    #expect(fleet.ask(.retryFailures(fleet.job, code: "c16")).answer.refusal?.code == .conflict)
    let other = try Harness.makeJob("b", units: 8)
    #expect(fleet.ask(.submit(Submission(other, retrying: long))).answer.refusal?.code == .unknown)
    #expect(fleet.view(other.id) == nil)
  }
}
