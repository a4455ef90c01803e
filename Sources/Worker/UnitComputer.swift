import FleetProtocol
import SonarModel
import SweepSpec

/// Turns leased units into records with one model instance.
///
/// Units of all queued leases flow through one continuously batched decoder: as a unit ends, the next is taken in,
/// from the next lease if need be, so that short shards do not make small batches.
package final class UnitComputer {
  /// A lease's units that are not taken in yet.
  private struct Queued {
    let grant: LeaseGrant
    var units: UnitRange
  }

  private struct OpenJob {
    let job: Job
    var resolver: ProbeResolver?
  }

  /// The most units taken in together.
  private static let blockUnits = 128

  private let model: SonarModel?
  private let clock = MonotonicClock()
  private var jobs: [JobID: OpenJob] = [:]
  private var queue: [Queued] = []
  private var encoder: SequenceEncoder?
  private let decoder: UnitDecoder?
  /// What the model had done when it was last told.
  private var toldWork = ModelWork()

  /// - Parameter model: nil for a worker that only computes sweeps without a model.
  package init(model: SonarModel?) {
    self.model = model
    encoder = model.map { SequenceEncoder(model: $0) }
    decoder = model.map { UnitDecoder(model: $0) }
  }

  package func open(_ job: Job) {
    jobs[job.id] = OpenJob(job: job, resolver: model.map { ProbeResolver(model: $0, job: job.spec) })
  }

  func forget(_ job: JobID) {
    jobs[job] = nil
    queue.removeAll { $0.grant.job == job }
  }

  package func enqueue(_ grant: LeaseGrant) {
    if jobs[grant.job] != nil { queue.append(Queued(grant: grant, units: grant.units)) }
  }

  func revoke(_ lease: LeaseID) { queue.removeAll { $0.grant.lease == lease } }

  package var isIdle: Bool { queue.isEmpty && decoder?.isIdle ?? true }
  /// One lease is being worked on; another should be at hand when it ends.
  var wantsLease: Bool { queue.count < 2 }

  /// Does a bounded piece of work and hands over the records it completes, each with its lease.
  package func advance(_ deliver: (Record, LeaseGrant) -> Void) throws {
    if !queue.isEmpty, decoder?.hasRoom ?? true { try takeIn(deliver) }
    try decoder?.step(deliver)
  }

  /// What the model did since this was last asked.
  package func takeWork() -> ModelWork {
    var work = encoder?.work ?? ModelWork()
    work += decoder?.work ?? ModelWork()
    defer { toldWork = work }
    return work - toldWork
  }

  private func takeIn(_ deliver: (Record, LeaseGrant) -> Void) throws {
    let start = clock.now
    guard let grant = queue.first?.grant, var open = jobs[grant.job] else {
      queue = Array(queue.dropFirst())
      return
    }
    let (spec, units) = (open.job.spec, takeBlock())
    let probes = units.map { open.job.sweep.probe(of: $0) }
    let inputs = probes.map { probe in Result { try probe.map { try resolve($0, &open.resolver) } } }
    jobs[grant.job] = open
    let states = spec.sweep.kind.states
    let block = try encoder?.encode(inputs.compactMap { try? $0.get() }, states: states) ?? .init()
    let share = (clock.now - start).seconds / Double(units.count)

    for ((unit, probe), input) in zip(zip(units, probes), inputs) {
      func deliverNow(_ outcome: Record.Outcome) {
        deliver(Record(unit: unit, outcome: outcome, attempt: grant.attempt, seconds: share), grant)
      }
      do {
        guard let probe, let input = try input.get() else {
          deliverNow(.skipped)
          continue
        }
        let embedding = try probe.embedding(of: block.embeddings(of: input), dim: spec.model.dim)
        let kept = try block.states(of: input, states)
        if probe.decodes.isEmpty {
          deliverNow(.done(embedding: embedding, states: kept, decodes: []))
        } else if let decoder, let resolver = open.resolver {
          try decoder.submit(
            .init(
              unit: unit, grant: grant, embedding: embedding, states: kept, requests: probe.decodes,
              expected: input.expected, seconds: share), resolver)
        } else {
          throw Self.noModel
        }
      } catch let error as UnitError {
        deliverNow(.failed(error))
      }
    }
  }

  /// The next units of the first queued lease.
  private func takeBlock() -> [UnitIndex] {
    let first = queue[0]
    // A unit with many decodes fills the decoder faster.
    let decodes = max(1, jobs[first.grant.job]?.job.spec.decode?.languages.count ?? 1)
    let end = first.units.lowerBound + min(UInt64(max(1, Self.blockUnits / decodes)), first.units.size)
    if end == first.units.upperBound {
      queue.removeFirst()
    } else {
      queue[0].units = end..<first.units.upperBound
    }
    return Array(first.units.lowerBound..<end)
  }

  /// A probe without sequences needs no model.
  private func resolve(_ probe: Probe, _ resolver: inout ProbeResolver?) throws -> ResolvedProbe {
    if let resolved = try resolver?.resolve(probe) { return resolved }
    for case .sequence in probe.terms.map(\.source) { throw Self.noModel }
    return ResolvedProbe()
  }

  private static let noModel = UnitError(code: "no-model", message: "this worker holds no model")
}
