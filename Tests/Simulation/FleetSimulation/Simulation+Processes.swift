import Aggregator
import Coordinator
import FleetProtocol
import SonarModel
import SweepSpec
import Worker

/// The shells of the simulated processes: what the services do with sockets and files, done with the simulated ones.
extension Simulation {
  func send(_ message: FleetMessage, from sender: Node, to receiver: Node) {
    guard let from = processes[sender], let to = processes[receiver], to.isUp else { return }
    let connection = network.connection(sender, from.life, receiver, to.life)
    let arrivals = network.arrivals(
      sender, receiver, at: now, isFaulty: now < scenario.calmFrom, using: &random)
    for time in arrivals {
      queue.add(.deliver(message, from: sender, to: receiver, connection: connection, toLife: to.life), at: time)
    }
  }

  private func peer(_ connection: Int) -> Peer {
    Peer(routingID: [
      UInt8(truncatingIfNeeded: connection >> 16), UInt8(truncatingIfNeeded: connection >> 8),
      UInt8(truncatingIfNeeded: connection),
    ])
  }

  private func reply(_ message: FleetMessage, from router: Node, to peer: Peer) {
    let connection = peer.routingID.reduce(0) { $0 << 8 | Int($1) }
    // A router cannot send to a peer whose connection is gone.
    if let dealer = network.dealer(of: connection) { send(message, from: router, to: dealer) }
  }

  func receive(_ message: FleetMessage, from sender: Node, at receiver: Node, _ connection: Int) throws {
    note("\(sender) -> \(receiver): \(message.brief)")
    let at = clock(of: receiver)
    switch receiver {
    case .client: receiveAsClient(message)
    case .coordinator: execute(coordinator.handle(.received(message, from: peer(connection)), at: at))
    case .aggregator:
      if sender == .coordinator {
        try execute(aggregator.handle(.fromCoordinator(message), at: at))
      } else if case .records(let batch) = message, let store = stores[batch.job], openStores.contains(batch.job),
        !batch.records.allSatisfy(store.accepts)
      {
        try execute(aggregator.handle(.refusedBatch(batch, peer(connection), reason: "it does not fit"), at: at))
      } else {
        try execute(aggregator.handle(.fromWorker(message, peer(connection), bytes: 100), at: at))
      }
    case .worker(let index):
      let event: WorkerState.Event =
        sender == .coordinator ? .fromCoordinator(message) : .fromAggregator(message)
      try execute(workers[index].handle(event, at: at), index)
    }
  }

  func tick(_ node: Node) throws {
    let at = clock(of: node)
    switch node {
    case .client: pollJobs()
    case .coordinator:
      execute(coordinator.handle(.tick, at: at))
      do { try coordinator.validate(at: at) } catch { throw failure("\(error)") }
    case .aggregator: try execute(aggregator.handle(.tick, at: at))
    case .worker(let index):
      if let since = hungSince[index], now - since > Self.stepTimeout { return crash(node) }
      try execute(workers[index].handle(.tick, at: at), index)
      try compute(index)
    }
  }

  // MARK: Coordinator

  func execute(_ commands: [CoordinatorState.Command]) {
    for command in commands {
      switch command {
      case .send(let message, let peer):
        if case .lease(let grant) = message { granted(grant) }
        reply(message, from: .coordinator, to: peer)
      case .build(let payload, let peer):
        // Nobody submits a job again that was given up; this one was on its way.
        guard let job = jobs.first(where: { $0.id == payload.job }), !people.isCancelled(job.id) else { continue }
        execute(coordinator.handle(.submitted(job, from: peer), at: clock(of: .coordinator)))
      case .journal(let record):
        if let place = journal.firstIndex(where: { $0.job.id == record.job.id }) {
          journal[place] = record
        } else {
          journal.append(record)
          journalEnded.removeAll { $0.id == record.job.id }
        }
      case .journalEnd(let view):
        journal.removeAll { $0.job.id == view.id }
        journalEnded.removeAll { $0.id == view.id }
        journalEnded.append(view)
      case .log(let text): note("coordinator: \(text)")
      }
    }
  }

  // MARK: Aggregator

  private func execute(_ commands: [AggregatorState.Command]) throws {
    for command in commands {
      guard processes[.aggregator]?.isUp == true else { return }
      switch command {
      case .sendCoordinator(let message): send(message, from: .aggregator, to: .coordinator)
      case .sendWorker(let message, let peer): reply(message, from: .aggregator, to: peer)
      case .openStore(let payload): try open(payload)
      case .reportStore(let id): if openStores.contains(id) { try report(id) }
      case .closeStore(let id): try close(id)
      case .retryFailures(let order): try retryFailures(order)
      case .commit(let batches): try commit(batches)
      case .measure: try aggregatorHandles(.measured(DiskSpace(freeBytes: 1 << 40, sizeBytes: 1 << 41), refused: [:]))
      case .log(let text): note("aggregator: \(text)")
      case .fail: crash(.aggregator)
      }
    }
  }

  private func aggregatorHandles(_ event: AggregatorState.Event) throws {
    try execute(aggregator.handle(event, at: clock(of: .aggregator)))
  }

  private func open(_ payload: JobPayload) throws {
    if isDiskFaulty() { return try aggregatorHandles(.storeFailed("no space")) }
    guard let job = jobs.first(where: { $0.id == payload.job }) else { return }
    if stores[job.id] == nil { stores[job.id] = SimulatedStore(job: job) }
    openStores.insert(job.id)
    try report(job.id)
  }

  private func close(_ id: JobID) throws {
    guard openStores.contains(id) else { return }
    if isDiskFaulty() { return try aggregatorHandles(.storeFailed("no space")) }
    let isComplete = stores[id]?.isComplete == true
    if isComplete { stores[id]?.finish() }
    openStores.remove(id)
    try aggregatorHandles(.closedStore(id, isComplete: isComplete))
  }

  private func retryFailures(_ order: RetryOrder) throws {
    guard openStores.contains(order.job) else { return }
    if isDiskFaulty() { return try aggregatorHandles(.storeFailed("no space")) }
    stores[order.job]?.removeFailures(code: order.code)
    try report(order.job, retried: order.number)
  }

  private func report(_ id: JobID, retried: UInt64 = 0) throws {
    guard let store = stores[id] else { return }
    try aggregatorHandles(
      .openedStore(
        OpenedJob(job: id, committed: store.committed.ranges, counts: store.counts, retried: retried),
        fingerprint: .none, unitCount: store.job.sweep.unitCount))
  }

  private func commit(_ batches: [AggregatorState.PendingBatch]) throws {
    if isDiskFaulty() { return try aggregatorHandles(.storeFailed("no space")) }
    // A process may die before a commit, or after it and before anybody hears of it.
    let isDeadly = now < scenario.calmFrom && Int.random(in: 0..<200, using: &random) == 0
    if isDeadly, Bool.random(using: &random) { return crash(.aggregator) }
    var committed: [Committed] = []
    for job in jobs {
      let records = batches.filter { $0.batch.job == job.id }.flatMap(\.batch.records)
      guard !records.isEmpty, openStores.contains(job.id) else { continue }
      stores[job.id]?.commit(records)
      let units = UnitSet(records.map { $0.unit..<$0.unit + 1 })
      committed.append(Committed(job: job.id, units: units.ranges, counts: stores[job.id]?.counts ?? .init()))
    }
    if isDeadly { return crash(.aggregator) }
    try aggregatorHandles(.committedStore(committed))
  }

  private func isDiskFaulty() -> Bool {
    now < scenario.calmFrom && Double.random(in: 0...1, using: &random) < scenario.diskFaultProbability
  }

  // MARK: Worker

  private func execute(_ commands: [WorkerState.Command], _ index: Int) throws {
    for command in commands {
      let node = Node.worker(index)
      guard processes[node]?.isUp == true else { return }
      switch command {
      case .sendCoordinator(let message): send(message, from: node, to: .coordinator)
      case .sendAggregator(let frame): send(try FleetMessage(decoding: frame), from: node, to: .aggregator)
      case .connectAggregator: break
      case .sendCompute(let message): try computes[index].receive(message)
      case .log(let text): note("worker \(index): \(text)")
      case .fail, .end: crash(node)
      }
    }
    try compute(index)
  }

  /// What the compute thread does next, unless it is at work.
  func compute(_ index: Int) throws {
    let node = Node.worker(index)
    guard processes[node]?.isUp == true, !isComputing[index], hungSince[index] == nil,
      workers[index].acceptsComputed
    else { return }
    let at = clock(of: node)
    if let request = computes[index].request() {
      try execute(workers[index].handle(.fromCompute(request), at: at), index)
      if isComputing[index] { return }
    }
    let units = computes[index].nextUnits
    guard !units.isEmpty else { return }
    let isFirst = computes[index].job == jobs[0].id
    if isFirst, units.contains(where: scenario.killers.contains) { return crash(node) }
    if isFirst, units.contains(where: scenario.hangers.contains) {
      note("worker \(index) hangs")
      hungSince[index] = now
      return
    }
    let seconds = (scenario.slowWorker == index ? 3.0 : 0.3) * Double.random(in: 0.5...1.5, using: &random)
    isComputing[index] = true
    guard let (batch, computed) = computes[index].step(seconds: seconds) else { return }
    // The records of this step are handed over now; the next step begins when its time is over.
    queue.add(.compute(index, life: processes[node]?.life ?? 0), at: now + .seconds(seconds))
    try execute(
      workers[index].handle(.computed(batch.batch, batch.job, frame: FleetMessage.records(batch).encoded()), at: at),
      index)
    if let computed { try execute(workers[index].handle(.fromCompute(.computed(computed)), at: at), index) }
  }
}

extension FleetMessage {
  /// For traces.
  fileprivate var brief: String {
    switch self {
    case .records(let batch): "records \(batch.batch.rawValue) of units \(batch.records.map(\.unit))"
    case .job, .open, .submit: String("\(self)".prefix(8))
    default: String("\(self)".prefix(300))
    }
  }
}
