import Aggregator
import Coordinator
import FleetProtocol
import Foundation
import SonarModel
import SweepSpec
import TestSupport
import Worker

/// A coordinator, an aggregator, workers and a client: the real state machines under a virtual clock, on a network that
/// delays, reorders, drops, duplicates and cuts, with processes that die, stall and start again at any event.
///
/// Everything follows from the scenario's seed. `run()` throws as soon as a promise is broken.
public final class Simulation {
  enum Node: Hashable {
    case client, coordinator, aggregator
    case worker(Int)
  }

  enum Event {
    /// A process's loop comes round. `life` is the process's; events of a former life are void.
    case tick(Node, life: Int)
    case compute(Int, life: Int)
    case deliver(FleetMessage, from: Node, to: Node, connection: Int, toLife: Int)
    case start(Node)
    case fault
    /// Somebody asks the coordinator for something.
    case request
  }

  struct Process {
    var life = 0
    var isUp = false
    /// It does nothing before; what comes for it waits.
    var stalledUntil = Duration.zero
    /// Its clock is ahead of the simulation's by so much.
    var clockOffset = Duration.zero
  }

  let scenario: Scenario
  let jobs: [Job]
  var random: SplitMix64
  var now = Duration.zero
  var queue = EventQueue<Event>()
  var processes: [Node: Process] = [:]
  var network: SimulatedNetwork
  private(set) var eventCount = 0
  private(set) var faultCount = 0
  let trace: ((String) -> Void)?

  // What each process holds in memory, gone with it.
  var coordinator = CoordinatorState()
  var aggregator: AggregatorState
  var openStores: Set<JobID> = []
  var workers: [WorkerState] = []
  var computes: [SimulatedCompute] = []
  var isComputing: [Bool] = []
  var hungSince: [Duration?] = []
  // On disk.
  var stores: [JobID: SimulatedStore] = [:]
  var journal: [JobRecord] = []
  var journalEnded: [JobView] = []
  // What people know and want.
  var people: SimulatedPeople
  /// How often a worker died of a fault of the scenario while it might have held a unit alone.
  var deaths = 0

  /// A fleet that is left alone has to finish within so long.
  static let patience = Duration.seconds(900)
  static let stepTimeout = Duration.seconds(20)
  static let tick = Duration.milliseconds(200)

  public init(_ scenario: Scenario, trace: ((String) -> Void)? = nil) throws {
    self.scenario = scenario
    self.trace = trace
    random = SplitMix64(seed: scenario.seed &+ 0x5eed)
    network = SimulatedNetwork(scenario)
    jobs = try scenario.jobs.enumerated().map { try Self.makeJob("simulated-\($0)", units: $1.units) }
    people = SimulatedPeople(jobs: jobs.map(\.id), settledFrom: scenario.calmFrom)
    aggregator = AggregatorState(hello: Self.hello(.aggregator, life: 0))
    for worker in 0..<scenario.workers {
      let hello = Self.hello(.worker(worker), life: 0)
      workers.append(WorkerState(hello: hello))
      computes.append(SimulatedCompute(instance: hello.instance, isCorrupt: false))
      isComputing.append(false)
      hungSince.append(nil)
    }
  }

  public var summary: String {
    "\(jobs.count) jobs, \(units) units, \(scenario.workers) workers, \(faultCount) faults, \(eventCount) events, done at \(now)"
  }

  private var units: UInt64 { scenario.jobs.reduce(0) { $0 + $1.units } }

  static func makeJob(_ name: String, units: UInt64) throws -> Job {
    let spec = """
      {"version":1,"name":"\(name)","truncate":false,"model":{"name":"none","fingerprint":"","dim":2},\
      "sweep":{"kind":"null-probe","parameters":{"units":\(units),"dim":2}}}
      """
    return try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
  }

  /// Runs to the end of every job.
  public func run() throws {
    for node in nodes { queue.add(.start(node), at: .milliseconds(Int.random(in: 0...500, using: &random))) }
    queue.add(.fault, at: nextFault())
    if let interval = scenario.requestInterval { queue.add(.request, at: interval) }
    queue.add(.request, at: scenario.calmFrom)
    while !people.isDone {
      guard let (time, event) = queue.next() else {
        throw failure("nothing is left to happen, and the jobs are not done")
      }
      now = time
      eventCount += 1
      try handle(event)
      try check()
      guard now < scenario.calmFrom + Self.patience else { throw failure("the jobs have not ended: \(standing)") }
    }
    try checkResult()
  }

  var nodes: [Node] { [.client, .coordinator, .aggregator] + (0..<scenario.workers).map { .worker($0) } }

  private var standing: String {
    "\(stores.values.reduce(0) { $0 + $1.committed.count }) of \(units) units are committed, "
      + "\(openStores.count) stores open, \(people.standing)"
  }

  func failure(_ what: String) -> SimulationFailure { SimulationFailure(seed: scenario.seed, time: now, what: what) }

  func note(_ text: @autoclosure () -> String) { if let trace { trace("\(now) \(text())") } }

  /// A process's own reading of the clock.
  func clock(of node: Node) -> MonotonicInstant {
    MonotonicInstant(sinceStart: now + (processes[node]?.clockOffset ?? .zero))
  }

  static func hello(_ node: Node, life: Int) -> Hello {
    switch node {
    case .worker(let index):
      Hello(
        role: .worker, instance: InstanceID(rawValue: "worker-\(index)-\(life)"), name: "worker-\(index)", model: "none"
      )
    default:
      Hello(
        role: .aggregator, instance: InstanceID(rawValue: "aggregator-\(life)"), name: "aggregator",
        endpoint: "ipc:///aggregator")
    }
  }

  // MARK: Events

  private func handle(_ event: Event) throws {
    switch event {
    case .start(let node): start(node)
    case .fault:
      if now < scenario.calmFrom {
        faultCount += 1
        causeFault()
        queue.add(.fault, at: nextFault())
      }
    case .request: handleRequest()
    case .tick(let node, let life):
      guard isAlive(node, life), !postponed(event, node) else { return }
      queue.add(.tick(node, life: life), at: now + Self.tick)
      try tick(node)
    case .compute(let worker, let life):
      guard isAlive(.worker(worker), life), !postponed(event, .worker(worker)) else { return }
      isComputing[worker] = false
      try compute(worker)
    case .deliver(let message, let sender, let receiver, let connection, let toLife):
      guard isAlive(receiver, toLife), network.isOpen(connection), !postponed(event, receiver) else { return }
      try receive(message, from: sender, at: receiver, connection)
    }
  }

  func isAlive(_ node: Node, _ life: Int) -> Bool { processes[node]?.isUp == true && processes[node]?.life == life }

  /// A process that is stopped gets what comes for it when it goes on.
  private func postponed(_ event: Event, _ node: Node) -> Bool {
    guard let until = processes[node]?.stalledUntil, until > now else { return false }
    queue.add(event, at: until)
    return true
  }

  private func start(_ node: Node) {
    guard processes[node]?.isUp != true else { return }
    var process = processes[node] ?? Process()
    process.life += 1
    process.isUp = true
    process.stalledUntil = .zero
    processes[node] = process
    note("\(node) starts")
    queue.add(.tick(node, life: process.life), at: now + Self.tick)
    let at = clock(of: node)
    switch node {
    case .client: break
    case .coordinator:
      var settings = CoordinatorSettings()
      settings.firstLease = UInt64(process.life) << 32
      (settings.maximumOpenJobs, settings.turn) = (scenario.places, scenario.turn)
      coordinator = CoordinatorState(settings: settings)
      for view in journalEnded { execute(coordinator.handle(.remembered(view), at: at)) }
      for record in journal { execute(coordinator.handle(.restored(record), at: at)) }
    case .aggregator:
      aggregator = AggregatorState(hello: Self.hello(node, life: process.life))
      openStores = []
      send(aggregator.greeting, from: node, to: .coordinator)
    case .worker(let index):
      let hello = Self.hello(node, life: process.life)
      workers[index] = WorkerState(hello: hello)
      // A broken machine is replaced in the end.
      let isCorrupt = scenario.corruptWorker == index && now < scenario.calmFrom
      computes[index] = SimulatedCompute(instance: hello.instance, isCorrupt: isCorrupt)
      isComputing[index] = false
      hungSince[index] = nil
      send(workers[index].greeting, from: node, to: .coordinator)
    }
  }

  /// Ends a process at once; its supervisor starts it again.
  func crash(_ node: Node) {
    guard processes[node]?.isUp == true else { return }
    processes[node]?.isUp = false
    note("\(node) dies")
    queue.add(.start(node), at: now + .milliseconds(Int.random(in: 10...3000, using: &random)))
  }

  private func nextFault() -> Duration {
    now + scenario.faultInterval * Double.random(in: 0.1...2, using: &random)
  }

  private func causeFault() {
    guard let node = nodes.dropFirst().randomElement(using: &random) else { return }
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<5:
      if case .worker = node { deaths += 1 }
      crash(node)
    case 5, 6:
      // Shorter or longer than a lease.
      let stall = Duration.milliseconds(Int.random(in: 100...12_000, using: &random))
      note("\(node) stalls for \(stall)")
      if stall > .seconds(4) { deaths += 1 }
      processes[node]?.stalledUntil = now + stall
    case 7:
      let jump = Duration.seconds(Int.random(in: 1...120, using: &random))
      note("the clock of \(node) jumps by \(jump)")
      processes[node]?.clockOffset += jump
    case 8:
      let (a, b) = (node, nodes.randomElement(using: &random) ?? .client)
      note("\(a) and \(b) are cut off from each other")
      deaths += 1
      network.cut(a, b, until: now + .milliseconds(Int.random(in: 100...12_000, using: &random)))
    default:
      note("the connections of \(node) are made anew")
      network.reconnect(node)
    }
  }
}
