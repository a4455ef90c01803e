import Coordinator
import FleetProtocol
import SonarModel
import SweepSpec
import Testing

@Suite("Fair sharing of the workers' time")
struct FairSharingTests {
  @Test(
    "jobs share it in the ratio of their priorities",
    arguments: [[10, 10], [10, 20], [1, 99], [10, 30, 60], [5, 5, 10, 20]])
  func ratio(priorities: [Int]) throws {
    var busy = BusyFleet()
    busy.addWorkers(4)
    let jobs = try priorities.enumerated().map { try busy.submit("j\($0)", priority: $1) }
    let shares = try busy.run(for: .seconds(300))
    let total = Double(priorities.reduce(0, +))
    for (job, priority) in zip(jobs, priorities) {
      #expect(abs((shares[job] ?? 0) - Double(priority) / total) < 0.02, "\(job) has \(shares[job] ?? 0)")
    }
  }

  @Test("it is time that is shared, whatever the units of a job cost")
  func costs() throws {
    var busy = BusyFleet()
    busy.addWorkers(4)
    let cheap = try busy.submit("cheap", secondsPerUnit: 0.0001)
    let dear = try busy.submit("dear", secondsPerUnit: 2)
    let shares = try busy.run(for: .seconds(600))
    #expect(abs((shares[cheap] ?? 0) - 0.5) < 0.05)
    #expect(abs((shares[dear] ?? 0) - 0.5) < 0.05)
  }

  @Test("a new priority counts from the moment it is given")
  func change() throws {
    var busy = BusyFleet()
    busy.addWorkers(4)
    let (a, b) = (try busy.submit("a"), try busy.submit("b"))
    _ = try busy.run(for: .seconds(60))
    busy.ask(.setPriority(a, JobPriority(rawValue: 30)!))
    let shares = try busy.run(for: .seconds(200))
    #expect(abs((shares[a] ?? 0) - 0.75) < 0.03)
    #expect(abs((shares[b] ?? 0) - 0.25) < 0.03)
  }

  @Test("a job that comes later shares from then on: it does not make up for the time before")
  func late() throws {
    var busy = BusyFleet()
    busy.addWorkers(4)
    let early = try busy.submit("early")
    _ = try busy.run(for: .seconds(300))
    let late = try busy.submit("late")
    let shares = try busy.run(for: .seconds(60))
    #expect(abs((shares[early] ?? 0) - 0.5) < 0.05)
    #expect(abs((shares[late] ?? 0) - 0.5) < 0.05)
  }

  @Test(
    "a job that was paused shares from then on, and so does one that was served alone meanwhile", arguments: [1, 100])
  func paused(priority: Int) throws {
    var busy = BusyFleet()
    busy.addWorkers(4)
    // What it had alone, at the lowest priority, is not held against it.
    let first = try busy.submit("first", priority: 1)
    _ = try busy.run(for: .seconds(300))
    busy.ask(.pause(first))
    _ = try busy.run(for: .seconds(10))
    let second = try busy.submit("second", priority: priority)
    _ = try busy.run(for: .seconds(10))
    busy.ask(.resume(first))
    let shares = try busy.run(for: .seconds(600))
    #expect(abs((shares[first] ?? 0) - 1 / Double(1 + priority)) < 0.05)
    #expect(abs((shares[second] ?? 0) - Double(priority) / Double(1 + priority)) < 0.05)
  }

  @Test("a job that comes while the aggregator is another does not hold up those that were served before")
  func aggregatorRestarts() throws {
    var busy = BusyFleet()
    busy.addWorkers(4)
    let first = try busy.submit("first", priority: 1)
    _ = try busy.run(for: .seconds(300))
    busy.restartAggregator()
    let second = try busy.submit("second", priority: 1)
    busy.startAggregator()
    let shares = try busy.run(for: .seconds(60))
    #expect(abs((shares[first] ?? 0) - 0.5) < 0.05)
    #expect(abs((shares[second] ?? 0) - 0.5) < 0.05)
  }

  @Test("jobs of different models do not compete: each has its own workers")
  func models() throws {
    let (a, b) = (ModelFingerprint("aa"), ModelFingerprint("bb"))
    var busy = BusyFleet()
    busy.addWorkers(1, fingerprint: a)
    busy.addWorkers(3, fingerprint: b)
    let first = try busy.submit("first", priority: 1, fingerprint: a)
    let second = try busy.submit("second", priority: 100, fingerprint: b)
    let shares = try busy.run(for: .seconds(60))
    #expect(abs((shares[first] ?? 0) - 0.25) < 0.02)
    #expect(abs((shares[second] ?? 0) - 0.75) < 0.02)
  }

  @Test("a job whose model's workers come later does not take over theirs who computed before")
  func modelsComeLater() throws {
    let (a, b) = (ModelFingerprint("aa"), ModelFingerprint("bb"))
    var busy = BusyFleet()
    busy.addWorkers(2, fingerprint: a)
    let any = try busy.submit("any")
    let first = try busy.submit("first", fingerprint: a)
    _ = try busy.run(for: .seconds(200))
    let second = try busy.submit("second", fingerprint: b)
    busy.addWorkers(2, fingerprint: b)
    _ = try busy.run(for: .seconds(200))
    let late = try busy.submit("late")
    let shares = try busy.run(for: .seconds(300))
    for job in [any, first, second, late] { #expect((shares[job] ?? 0) > 0.1, "\(job) has \(shares[job] ?? 0)") }
  }

  @Test("a job that ends leaves its part to the others")
  func ends() throws {
    var busy = BusyFleet()
    busy.addWorkers(4)
    let short = try busy.submit("short", units: 2000, priority: 50)
    let long = try busy.submit("long", priority: 1)
    _ = try busy.run(for: .seconds(30))
    #expect(busy.fleet.phase(short) == .done)
    let shares = try busy.run(for: .seconds(30))
    #expect(shares[long] == 1)
  }
}
