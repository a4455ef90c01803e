import Coordinator
import FleetProtocol
import SonarModel
import SweepSpec
import Testing

@Suite("Queue of jobs")
struct JobQueueTests {
  @Test("so many jobs are open at a time; the others follow in the order of submission as places become free")
  func order() throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = 2 }
    let jobs = try ["a", "b", "c", "d"].map { try fleet.submit($0, units: 8) }
    #expect(jobs.map { fleet.phase($0) } == [.opening, .opening, .queued, .queued])
    _ = fleet.open(jobs[1], committed: 0..<8)
    #expect(fleet.opening(fleet.closed(jobs[1], isComplete: true)) == [jobs[2]])
    _ = fleet.open(jobs[0], committed: 0..<8)
    #expect(fleet.opening(fleet.closed(jobs[0], isComplete: true)) == [jobs[3]])
    try fleet.state.validate(at: fleet.now)
  }

  /// One open job, and others in the queue.
  private func queue(_ priorities: [Int]) throws -> (Harness, open: JobID, queued: [JobID]) {
    var fleet = Harness.ready { $0.maximumOpenJobs = 1 }
    let open = try fleet.submit("open")
    _ = fleet.open(open)
    var queued: [JobID] = []
    for (number, priority) in priorities.enumerated() {
      queued.append(try fleet.submit("q\(number)", priority: priority))
    }
    return (fleet, open, queued)
  }

  @Test("of jobs that wait, the one with the higher priority comes first")
  func priority() throws {
    var (fleet, open, queued) = try queue([10, 30])
    _ = fleet.ask(.cancel(open))
    #expect(fleet.opening(fleet.closed(open)) == [queued[1]])
  }

  @Test("a new priority counts in the queue at once")
  func priorityChanges() throws {
    var (fleet, open, queued) = try queue([10, 30])
    _ = fleet.ask(.setPriority(queued[0], JobPriority(rawValue: 50)!))
    _ = fleet.ask(.cancel(open))
    #expect(fleet.opening(fleet.closed(open)) == [queued[0]])
  }

  @Test("a job of the lowest priority has its turn, however many of the highest there are and come")
  func noStarvation() throws {
    var busy = BusyFleet {
      $0.maximumOpenJobs = 1
      $0.turn = .seconds(1)
    }
    busy.addWorkers(1)
    for number in 0..<3 { _ = try busy.submit("high\(number)", priority: 100) }
    let low = try busy.submit("low", units: 100, priority: 1)
    for number in 0..<100 where busy.fleet.phase(low) == .queued {
      _ = try busy.submit("short\(number)", units: 100, priority: 100)
      _ = try busy.run(for: .seconds(10))
    }
    _ = try busy.run(for: .seconds(20))
    #expect(busy.fleet.phase(low) == .done)
    let seconds = try #require(busy.endedAt[low]).sinceStart.seconds
    #expect(seconds > 100, "the others weigh a hundred times as much")
  }

  @Test("a job that no worker can run comes after those that can be run, whatever its priority")
  func noWorker() throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = 1 }
    _ = fleet.join(0, fingerprint: ModelFingerprint("aa"))
    let open = try fleet.submit("open")
    _ = fleet.open(open)
    let idle = try fleet.submit("idle", priority: 100, fingerprint: ModelFingerprint("bb"))
    let other = try fleet.submit("other", priority: 1, fingerprint: ModelFingerprint("aa"))
    _ = fleet.ask(.cancel(open))
    #expect(fleet.opening(fleet.closed(open)) == [other])
    #expect(fleet.view(idle)?.problem.contains("no worker holds the job's model") == true)
  }

  @Test("an open job that no worker can run gives its place up at once to one that can be run")
  func idleYields() throws {
    var fleet = Harness.ready { $0.maximumOpenJobs = 1 }
    _ = fleet.join(0, fingerprint: ModelFingerprint("aa"))
    let idle = try fleet.submit("idle", fingerprint: ModelFingerprint("bb"))
    _ = fleet.open(idle)
    #expect(fleet.tick().isEmpty, "nobody waits")
    let other = try fleet.submit("other", fingerprint: ModelFingerprint("aa"))
    #expect(fleet.tick() == [Sent(.close(idle), Harness.store)])
    #expect(fleet.opening(fleet.closed(idle)) == [other])
    #expect(fleet.phase(idle) == .queued)
  }

  @Test("an open job is given its turn of the workers' time before another takes its place, and then comes again")
  func turns() throws {
    var busy = BusyFleet {
      $0.maximumOpenJobs = 1
      $0.turn = .seconds(20)
    }
    busy.addWorkers(2)
    let (first, second) = (try busy.submit("a"), try busy.submit("b"))
    let shares = try busy.run(for: .seconds(18))
    #expect(shares[first] == 1)
    #expect(busy.fleet.phase(second) == .queued)
    _ = try busy.run(for: .seconds(10))
    #expect(busy.fleet.phase(first) == .queued)
    #expect(busy.fleet.phase(second) == .running)
    let later = try busy.run(for: .seconds(400))
    #expect(abs((later[first] ?? 0) - 0.5) < 0.1, "turns are of the same time")
    #expect(busy.mostOpenStores == 1)
  }

  @Test("jobs that take turns have the workers' time in the ratio of their priorities")
  func turnsByPriority() throws {
    var busy = BusyFleet {
      $0.maximumOpenJobs = 2
      $0.turn = .seconds(10)
    }
    busy.addWorkers(4)
    let jobs = try [40, 20, 10, 10].enumerated().map { try busy.submit("j\($0)", priority: $1) }
    let shares = try busy.run(for: .seconds(2000))
    for (job, expected) in zip(jobs, [0.5, 0.25, 0.125, 0.125]) {
      #expect(abs((shares[job] ?? 0) - expected) < 0.05, "\(job) has \(shares[job] ?? 0) of the time")
    }
  }

  @Test("a model's workers do not stay idle for want of a place, however many jobs of other models there are")
  func models() throws {
    let (a, b) = (ModelFingerprint("aa"), ModelFingerprint("bb"))
    var busy = BusyFleet { $0.maximumOpenJobs = 3 }
    busy.addWorkers(2, fingerprint: a)
    busy.addWorkers(1, fingerprint: b)
    for number in 0..<5 { _ = try busy.submit("a\(number)", priority: 100, fingerprint: a) }
    _ = try busy.run(for: .seconds(10))
    let other = try busy.submit("b", priority: 1, fingerprint: b)
    _ = try busy.run(for: .seconds(5))
    let shares = try busy.run(for: .seconds(60))
    #expect(abs((shares[other] ?? 0) - 1.0 / 3) < 0.02)
  }

  @Test("where there are more models than places, each has its turn")
  func moreModels() throws {
    var busy = BusyFleet {
      $0.maximumOpenJobs = 2
      $0.turn = .seconds(10)
    }
    let models = ["aa", "bb", "cc"].map { ModelFingerprint($0) }
    for model in models { busy.addWorkers(1, fingerprint: model) }
    let jobs = try models.map { try busy.submit("j\($0.rawValue)", fingerprint: $0) }
    let shares = try busy.run(for: .seconds(300))
    for job in jobs { #expect(abs((shares[job] ?? 0) - 1.0 / 3) < 0.1, "\(job) has \(shares[job] ?? 0)") }
  }

  @Test("a job keeps its place where the one that waited for it has gone")
  func yieldIsWithdrawn() throws {
    var fleet = Harness.ready {
      $0.maximumOpenJobs = 1
      $0.turn = .zero
    }
    let worker = fleet.join(0)
    let first = try fleet.submit("a")
    _ = fleet.open(first)
    _ = fleet.send(.request(leases: 1), worker)
    let second = try fleet.submit("b")
    _ = fleet.tick()
    #expect(fleet.send(.request(leases: 1), worker).isEmpty, "it waits for its lease to end, then leaves")
    _ = fleet.ask(.cancel(second))
    #expect(fleet.leases(fleet.tick()).count == 1)
  }

  @Test("500 queued jobs all end, with few stores open at a time")
  func fiveHundred() throws {
    var busy = BusyFleet()
    busy.addWorkers(2)
    let jobs = try (0..<500).map { try busy.submit("j\($0)", units: 20, priority: 1 + $0 % 100) }
    for _ in 0..<40 where busy.endedAt.count < jobs.count { _ = try busy.run(for: .seconds(10)) }
    #expect(busy.endedAt.count == 500)
    #expect(jobs.allSatisfy { busy.fleet.phase($0) == .done })
    #expect(busy.mostOpenStores == 16)
  }
}
