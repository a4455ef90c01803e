import Aggregator
import FleetProtocol
import SonarModel
import SweepSpec
import Testing

@Suite("Aggregator")
struct AggregatorStateTests {
  static let job = JobID(rawValue: "test-00000000")!
  let hello = Hello(role: .worker, instance: InstanceID(), name: "w")
  let peer = Peer(routingID: [1])
  var aggregator = AggregatorState(
    hello: Hello(role: .aggregator, instance: InstanceID(), name: "a", endpoint: "ipc:///a"))
  var now = MonotonicInstant(sinceStart: .zero)

  @Test("records are acknowledged after their commit, not before")
  mutating func commit() {
    open()
    _ = receive(.hello(hello))
    #expect(receive(records(1)).isEmpty)
    #expect(receive(records(2)).isEmpty)
    #expect(commits(handle(.tick)) == [1, 2])
    let committed = Committed(job: Self.job, units: [1..<3], counts: .init(done: 2))
    let commands = handle(.committedStore([committed]))
    #expect(toCoordinator(commands) == [.committed(committed)])
    #expect(acknowledged(commands) == [1, 2])
    #expect(commits(handle(.tick)).isEmpty)
  }

  @Test("a commit that fails is reported, tried again later and acknowledged when it succeeds")
  mutating func failure() {
    open()
    _ = receive(.hello(hello))
    _ = receive(records(1))
    #expect(commits(handle(.tick)) == [1])
    #expect(toCoordinator(handle(.storeFailed("disk full"))) == [.storage(StorageState(problem: "disk full"))])
    #expect(commits(handle(.tick)).isEmpty)
    _ = receive(records(1))
    now = now + .seconds(2)
    #expect(commits(handle(.tick)) == [1], "the same batch sent again is pending once")
    let commands = handle(.committedStore([Committed(job: Self.job, units: [1..<2], counts: .init(done: 1))]))
    #expect(toCoordinator(commands).first == .storage(StorageState(problem: "")))
    #expect(acknowledged(commands) == [1])
  }

  @Test("commits are measured from the decision to their being durable, and told with the next heartbeat, once")
  mutating func measurements() {
    open()
    _ = receive(.hello(hello))
    _ = receive(records(1))
    #expect(commits(handle(.tick)) == [1])
    now = now + .milliseconds(250)
    _ = handle(.committedStore([Committed(job: Self.job, units: [1..<2], counts: .init(done: 1))]))
    now = now + .seconds(1)
    #expect(handle(.tick).contains { if case .measure = $0 { true } else { false } })
    let disk = DiskSpace(freeBytes: 10, sizeBytes: 20)
    let sent = toCoordinator(handle(.measured(disk, refused: ["role": 2])))
    guard case .measured(let measured)? = sent.first else {
      Issue.record("not told")
      return
    }
    #expect(measured.commitSeconds == [0.25])
    #expect(measured.pendingBytes > 0 && measured.diskFreeBytes == 10 && measured.diskSizeBytes == 20)
    #expect(measured.refused == ["role": 2])
    #expect(
      toCoordinator(handle(.measured(disk, refused: ["role": 3]))) == [
        .measured(AggregatorMeasurements(diskFreeBytes: 10, diskSizeBytes: 20, refused: ["role": 1]))
      ])
    #expect(!handle(.tick).contains { if case .measure = $0 { true } else { false } }, "no more often than heartbeats")
  }

  @Test("a stranger is asked who it is before its records are taken")
  mutating func stranger() {
    open()
    #expect(toWorker(receive(records(1))) == [.identify])
    #expect(toWorker(receive(.heartbeat(Heartbeat()))) == [.identify])
    #expect(commits(handle(.tick)).isEmpty)
  }

  @Test("records of another model are refused")
  mutating func fingerprint() {
    open()
    _ = receive(.hello(hello))
    let batch = RecordBatch(
      batch: BatchID(rawValue: 1), job: Self.job, fingerprint: ModelFingerprint("bb"), records: [])
    guard case .acknowledge(let answer)? = toWorker(receive(.records(batch))).first else {
      Issue.record("not answered")
      return
    }
    #expect(answer.refused.keys.map(\.rawValue) == [1])
    #expect(commits(handle(.tick)).isEmpty)
  }

  @Test("records of a job whose store is not open stay unanswered, so the worker keeps them")
  mutating func unopened() {
    _ = receive(.hello(hello))
    #expect(receive(records(1)).isEmpty)
    #expect(commits(handle(.tick)).isEmpty)
  }

  @Test("records of a job that is done are acknowledged, those of one just opened asked for again")
  mutating func closedAndOpened() {
    _ = receive(.hello(hello))
    _ = receive(records(1))
    #expect(
      toWorker(handle(.openedStore(OpenedJob(job: Self.job), fingerprint: ModelFingerprint("aa"), unitCount: 9))) == [
        .identify
      ])
    _ = handle(.closedStore(Self.job))
    #expect(acknowledged(receive(records(1))) == [1])
  }

  @Test("workers share the credit")
  mutating func credit() {
    open()
    guard case .acknowledge(let alone)? = toWorker(receive(.hello(hello))).first else { return }
    var last = 0
    for id in 2...100 {
      let other = Hello(role: .worker, instance: InstanceID(), name: "w\(id)")
      let commands = handle(.fromWorker(.hello(other), Peer(routingID: [UInt8(id)]), bytes: 10))
      if case .acknowledge(let answer)? = toWorker(commands).first { last = answer.creditBytes }
    }
    #expect(last < alone.creditBytes && last > 0)
    // Those that fell silent have no part in it.
    now = now + .seconds(61)
    _ = receive(.heartbeat(Heartbeat()))
    _ = handle(.tick)
    guard case .acknowledge(let again)? = toWorker(receive(.hello(hello))).first else { return }
    #expect(again.creditBytes == alone.creditBytes)
  }

  @Test("refused records are told to the coordinator, so that their units are done again")
  mutating func discarded() {
    open()
    _ = receive(.hello(hello))
    guard case .records(let batch) = records(3) else { return }
    let commands = handle(.refusedBatch(batch, peer, reason: "not finite"))
    #expect(toCoordinator(commands) == [.discarded(Discarded(job: Self.job, units: [3..<4], worker: hello.instance))])
  }

  @Test("units that are given up get failed records, once, and only units there are")
  mutating func quarantine() {
    open()
    let order = FleetMessage.quarantine(
      Quarantine(job: Self.job, units: [2..<4, 20..<21], attempt: 5, reason: "it kills"))
    _ = handle(.fromCoordinator(order))
    _ = handle(.fromCoordinator(order))
    let commands = handle(.tick)
    guard case .commit(let batches)? = commands.first else {
      Issue.record("nothing is committed")
      return
    }
    let error = UnitError(code: "quarantined", message: "it kills")
    #expect(
      batches.flatMap(\.batch.records)
        == [2, 3].map { Record(unit: $0, outcome: .failed(error), attempt: 5, seconds: 0) })
  }

  @Test("an aggregator that is refused introduces itself again, and gives up after a while")
  mutating func refusal() {
    _ = handle(.fromCoordinator(.refused(reason: "another is here")))
    now = now + .seconds(2)
    #expect(toCoordinator(handle(.tick)) == [aggregator.greeting])
    now = now + .seconds(14)
    let commands = handle(.fromCoordinator(.refused(reason: "another is here")))
    #expect(commands.contains { if case .fail = $0 { true } else { false } })
  }

  @Test("a store that could not be opened or closed is no problem any more once it could")
  mutating func recovery() {
    _ = handle(.storeFailed("disk full"))
    let opened = OpenedJob(job: Self.job)
    #expect(
      toCoordinator(handle(.openedStore(opened, fingerprint: ModelFingerprint("aa"), unitCount: 9)))
        == [.storage(StorageState(problem: "")), .opened(opened)])
  }

  private mutating func open() {
    _ = handle(.openedStore(OpenedJob(job: Self.job), fingerprint: ModelFingerprint("aa"), unitCount: 9))
  }

  private func records(_ batch: UInt64) -> FleetMessage {
    let record = Record(unit: batch, outcome: .skipped, seconds: 0)
    return .records(
      RecordBatch(
        batch: BatchID(rawValue: batch), job: Self.job, fingerprint: ModelFingerprint("aa"), records: [record]))
  }

  private mutating func receive(_ message: FleetMessage) -> [AggregatorState.Command] {
    handle(.fromWorker(message, peer, bytes: 100))
  }

  private mutating func handle(_ event: AggregatorState.Event) -> [AggregatorState.Command] {
    aggregator.handle(event, at: now)
  }

  private func commits(_ commands: [AggregatorState.Command]) -> [UInt64] {
    commands.flatMap { if case .commit(let batches) = $0 { batches.map(\.batch.batch.rawValue) } else { [UInt64]() } }
  }

  private func acknowledged(_ commands: [AggregatorState.Command]) -> [UInt64] {
    toWorker(commands).flatMap {
      if case .acknowledge(let answer) = $0 { answer.committed.map(\.rawValue) } else { [UInt64]() }
    }
  }

  private func toWorker(_ commands: [AggregatorState.Command]) -> [FleetMessage] {
    commands.compactMap { if case .sendWorker(let message, _) = $0 { message } else { nil } }
  }

  private func toCoordinator(_ commands: [AggregatorState.Command]) -> [FleetMessage] {
    commands.compactMap { if case .sendCoordinator(let message) = $0 { message } else { nil } }
  }
}
