import FleetProtocol
import SonarModel
import SweepSpec
import Testing
import Worker

@Suite("Worker's connections")
struct WorkerStateTests {
  static let job = JobID(rawValue: "test-00000000")!
  var worker = WorkerState(hello: Hello(role: .worker, instance: InstanceID(), name: "w"))
  var now = MonotonicInstant(sinceStart: .zero)

  @Test("nothing is computed into the void: records are taken once the aggregator gives credit")
  mutating func credit() {
    #expect(!worker.acceptsComputed)
    let sent = send(.fromCoordinator(.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///a"))))
    #expect(sent.connections == ["ipc:///a"])
    #expect(sent.toAggregator == [worker.greeting.encoded()])
    #expect(!worker.acceptsComputed)
    acknowledge([], credit: 100)
    #expect(worker.acceptsComputed)
    _ = send(.computed(BatchID(rawValue: 1), Self.job, frame: .init(repeating: 0, count: 150)))
    #expect(!worker.acceptsComputed)
    acknowledge([1], credit: 100)
    #expect(worker.acceptsComputed)
  }

  @Test("records are kept until acknowledged and sent again to an aggregator that lost them")
  mutating func resend() {
    connect()
    let frames: [[UInt8]] = [[1], [2], [3]]
    for (i, frame) in frames.enumerated() {
      #expect(send(.computed(BatchID(rawValue: UInt64(i)), Self.job, frame: frame)).toAggregator == [frame])
    }
    acknowledge([1], credit: 1000)
    #expect(send(.fromAggregator(.identify)).toAggregator == [worker.greeting.encoded(), [1], [3]])
    // Another aggregator altogether.
    let sent = send(.fromCoordinator(.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///b"))))
    #expect(sent.connections == ["ipc:///b"])
    #expect(sent.toAggregator == [worker.greeting.encoded(), [1], [3]])
  }

  @Test("records that stay unanswered are sent again after a while, not before")
  mutating func stuck() {
    connect()
    _ = send(.computed(BatchID(rawValue: 1), Self.job, frame: [1]))
    now = now + .seconds(9)
    #expect(!send(.tick).toAggregator.contains([1]))
    now = now + .seconds(2)
    #expect(send(.tick).toAggregator.contains([1]))
    #expect(!send(.tick).toAggregator.contains([1]))
    now = now + .seconds(11)
    #expect(!send(.tick).toAggregator.contains([1]), "copies must not pile up before an aggregator that stands still")
    now = now + .seconds(10)
    #expect(send(.tick).toAggregator.contains([1]))
  }

  @Test("records that nobody answers, of a job the worker has no lease of, do not hold its credit for ever")
  mutating func abandoned() {
    connect()
    _ = send(.computed(BatchID(rawValue: 1), Self.job, frame: .init(repeating: 0, count: 1000)))
    #expect(!worker.acceptsComputed)
    for _ in 0..<100 where !worker.acceptsComputed {
      now = now + .seconds(10)
      _ = send(.tick)
    }
    #expect(worker.acceptsComputed)
  }

  @Test("records of a job that is done, and refused ones, are dropped")
  mutating func drop() {
    connect()
    _ = send(.computed(BatchID(rawValue: 1), Self.job, frame: [1]))
    _ = send(.fromCoordinator(.forget(Self.job)))
    #expect(send(.fromAggregator(.identify)).toAggregator == [worker.greeting.encoded()])
    _ = send(.computed(BatchID(rawValue: 2), Self.job, frame: [2]))
    _ = send(
      .fromAggregator(.acknowledge(.init(committed: [], refused: [BatchID(rawValue: 2): "bad"], creditBytes: 9))))
    #expect(send(.fromAggregator(.identify)).toAggregator == [worker.greeting.encoded()])
  }

  @Test("heartbeats name the leases at work and come at the coordinator's pace")
  mutating func heartbeats() {
    connect()
    let grant = LeaseGrant(lease: LeaseID(rawValue: 4), job: Self.job, units: 0..<5, attempt: 1)
    _ = send(.fromCoordinator(.job(JobPayload(job: Self.job, spec: [], assets: [:]))))
    #expect(send(.fromCoordinator(.lease(grant))).toCompute == [.lease(grant)])
    now = now + .seconds(2)
    #expect(send(.tick).toCoordinator == [.heartbeat(Heartbeat(leases: [LeaseID(rawValue: 4)]))])
    #expect(send(.tick).toCoordinator.isEmpty)
    let computed = FleetMessage.computed(Computed(lease: LeaseID(rawValue: 4), units: 5, seconds: 1))
    #expect(send(.fromCompute(computed)).toCoordinator == [computed])
    now = now + .seconds(2)
    #expect(send(.tick).toCoordinator == [.heartbeat(Heartbeat())])
  }

  @Test("a lease of a job that never came is not renewed, and the job is asked for")
  mutating func unknownJob() {
    connect()
    let grant = LeaseGrant(lease: LeaseID(rawValue: 4), job: Self.job, units: 0..<5, attempt: 1)
    let sent = send(.fromCoordinator(.lease(grant)))
    #expect(sent.toCompute.isEmpty)
    #expect(sent.toCoordinator == [worker.greeting])
    #expect(send(.tick).toCoordinator == [.heartbeat(Heartbeat())])
  }

  @Test("a coordinator that forgot the worker is greeted again, and asked again for leases")
  mutating func forgotten() {
    connect()
    #expect(send(.fromCoordinator(.identify)).toCoordinator == [worker.greeting])
    let sent = send(.fromCoordinator(.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///a"))))
    #expect(sent.toCompute == [.identify])
    #expect(sent.connections.isEmpty)
  }

  @Test("a request that got lost is repeated by every heartbeat until a lease comes")
  mutating func lostRequest() {
    connect()
    _ = send(.fromCoordinator(.job(JobPayload(job: Self.job, spec: [], assets: [:]))))
    #expect(send(.fromCompute(.request(leases: 1))).toCoordinator == [.request(leases: 1)])
    now = now + .seconds(2)
    #expect(send(.tick).toCoordinator == [.heartbeat(Heartbeat(wanted: 1))])
    let grant = LeaseGrant(lease: LeaseID(rawValue: 4), job: Self.job, units: 0..<5, attempt: 1)
    #expect(send(.fromCoordinator(.lease(grant))).toCompute == [.lease(grant)])
    #expect(send(.fromCoordinator(.lease(grant))).toCompute.isEmpty, "a lease that comes twice is computed once")
    now = now + .seconds(2)
    #expect(send(.tick).toCoordinator == [.heartbeat(Heartbeat(leases: [LeaseID(rawValue: 4)], wanted: 0))])
  }

  @Test("a greeting that got lost, or its answer, is repeated until there is an aggregator and credit")
  mutating func lostGreeting() {
    #expect(send(.tick).toCoordinator == [worker.greeting])
    _ = send(.fromCoordinator(.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///a"))))
    now = now + .seconds(2)
    #expect(send(.tick).toAggregator == [worker.greeting.encoded()])
    acknowledge([], credit: 1000)
    now = now + .seconds(2)
    #expect(send(.tick).toAggregator == [FleetMessage.heartbeat(Heartbeat()).encoded()])
  }

  @Test("a worker that is stopped gives its leases back, and ends when its records are committed")
  mutating func drain() {
    connect()
    _ = send(.computed(BatchID(rawValue: 1), Self.job, frame: [1]))
    let sent = send(.stop)
    #expect(sent.toCoordinator == [.goodbye] && sent.toCompute == [.goodbye])
    _ = send(.computed(BatchID(rawValue: 2), Self.job, frame: [2]))
    #expect(!send(.computeEnded).hasEnded)
    #expect(send(.fromCoordinator(.identify)).toCoordinator.isEmpty, "it does not come back")
    let commit = Acknowledgement(committed: [1, 2].map { BatchID(rawValue: $0) }, creditBytes: 1000)
    let last = send(.fromAggregator(.acknowledge(commit)))
    #expect(last.hasEnded)
    #expect(last.toAggregator == [FleetMessage.goodbye.encoded()])
  }

  @Test("a worker that is stopped does not wait for ever for its records to be committed")
  mutating func drainInVain() {
    connect()
    _ = send(.computed(BatchID(rawValue: 1), Self.job, frame: [1]))
    _ = send(.stop)
    _ = send(.computeEnded)
    now = now + .seconds(4)
    #expect(!send(.tick).hasEnded)
    now = now + .seconds(2)
    #expect(send(.tick).hasEnded)
  }

  @Test("a refused worker fails with the coordinator's reason")
  mutating func refused() {
    let sent = send(.fromCoordinator(.refused(reason: "other model")))
    #expect(sent.failures.count == 1 && sent.failures[0].contains("other model"))
  }

  private struct Outcome {
    var toCoordinator: [FleetMessage] = []
    var toAggregator: [[UInt8]] = []
    var toCompute: [FleetMessage] = []
    var connections: [String] = []
    var failures: [String] = []
    var hasEnded = false
  }

  private mutating func connect() {
    _ = send(.fromCoordinator(.welcome(Welcome(heartbeatSeconds: 1, aggregator: "ipc:///a"))))
    acknowledge([], credit: 1000)
  }

  private mutating func acknowledge(_ batches: [UInt64], credit: Int) {
    let committed = batches.map { BatchID(rawValue: $0) }
    _ = send(.fromAggregator(.acknowledge(Acknowledgement(committed: committed, creditBytes: credit))))
  }

  private mutating func send(_ event: WorkerState.Event) -> Outcome {
    worker.handle(event, at: now).reduce(into: Outcome()) { outcome, command in
      switch command {
      case .sendCoordinator(let message): outcome.toCoordinator.append(message)
      case .sendAggregator(let frame): outcome.toAggregator.append(frame)
      case .sendCompute(let message): outcome.toCompute.append(message)
      case .connectAggregator(let endpoint): outcome.connections.append(endpoint)
      case .fail(let reason): outcome.failures.append(reason)
      case .end: outcome.hasEnded = true
      case .log: break
      }
    }
  }
}
