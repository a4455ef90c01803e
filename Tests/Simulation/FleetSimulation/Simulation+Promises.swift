import Aggregator
import Coordinator
import FleetProtocol
import SonarModel
import SweepSpec
import Worker

/// What holds after every event, and what holds in the end.
extension Simulation {
  func check() throws {
    for job in jobs {
      guard let store = stores[job.id] else { continue }
      if let unit = store.divergent.first {
        throw failure("unit \(unit) of \(job.id) was committed twice, differently")
      }
      // That failures were put back is news for a while.
      if let committed = coordinator.committed(of: job.id),
        !committed.subtracting(store.committed).subtracting(store.putBack).isEmpty
      {
        throw failure("the coordinator counts units of \(job.id) as committed that are not")
      }
    }
    if let broken = people.broken { throw failure(broken) }
    for (index, worker) in workers.enumerated() where worker.unacknowledgedBytes > 32 << 20 {
      throw failure("worker \(index) keeps \(worker.unacknowledgedBytes) bytes")
    }
    if aggregator.pendingBytes > 64 << 20 { throw failure("the aggregator keeps \(aggregator.pendingBytes) bytes") }
  }

  func checkResult() throws {
    for (index, job) in jobs.enumerated() {
      let deadly = index == 0 ? scenario.killers.union(scenario.hangers) : []
      if !people.isCancelled(job.id) { try checkDone(job) }
      if let store = stores[job.id] { try checkRecords(of: store, deadly: deadly) }
    }
  }

  private func checkDone(_ job: Job) throws {
    guard let store = stores[job.id], store.isFinished else {
      throw failure("the client was told that \(job.id) is done before its store was finished")
    }
    guard store.isComplete, store.counts.total == job.sweep.unitCount else {
      throw failure("\(job.id) ended with \(store.committed.count) of \(job.sweep.unitCount) units")
    }
  }

  private func checkRecords(of store: SimulatedStore, deadly: Set<UnitIndex>) throws {
    for unit in store.quarantined where !deadly.contains(unit) {
      // Bad luck may look like a bad unit: as many accidents as it takes, or a worker that dies of a unit which the
      // coordinator, having lost its messages, does not know to be there.
      if deaths < LeaseTable.deathsAllowed,
        scenario.killers.union(scenario.hangers).isEmpty || scenario.isNetworkReliable
      {
        throw failure("unit \(unit) of \(store.job.id) was given up for nothing")
      }
    }
    for (unit, outcome) in store.records where !SimulatedStore.isQuarantine(outcome) {
      guard case .done(let embedding, _, _) = outcome, embedding == SimulatedCompute.embedding(of: unit, store.job)
      else {
        throw failure("unit \(unit) of \(store.job.id) has a wrong record")
      }
      if deadly.contains(unit) { throw failure("unit \(unit), of which workers die, has a record") }
    }
  }
}
