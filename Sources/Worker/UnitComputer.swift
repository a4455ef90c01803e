import FleetProtocol
import SonarModel
import SweepSpec

/// Turns leased units into records with one model instance.
///
/// Units of all queued leases flow through one continuously batched decoder: as a unit ends, the next is taken in,
/// from the next lease if need be, so that short shards do not make small batches.
final class UnitComputer {
  /// A lease's units that are not taken in yet.
  private struct Queued {
    let grant: LeaseGrant
    var units: UnitRange
  }

  private struct InFlight {
    let unit: UnitIndex
    let grant: LeaseGrant
    let embedding: [Float]
    let requests: [DecodeRequest]
    let expected: [[TokenID]?]
    var decodes: [DecodedText?]
    var seconds: Double
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
  private var inFlight: [Int: InFlight] = [:]
  private var nextSlot = 0
  private var cache = EmbeddingCache(capacity: 8192)

  /// - Parameter model: nil for a worker that only computes sweeps without a model.
  init(model: SonarModel?) { self.model = model }

  func open(_ job: Job) {
    jobs[job.id] = OpenJob(job: job, resolver: model.map { ProbeResolver(model: $0, truncate: job.spec.truncate) })
  }

  func forget(_ job: JobID) {
    jobs[job] = nil
    queue.removeAll { $0.grant.job == job }
  }

  func enqueue(_ grant: LeaseGrant) {
    if jobs[grant.job] != nil { queue.append(Queued(grant: grant, units: grant.units)) }
  }

  func revoke(_ lease: LeaseID) { queue.removeAll { $0.grant.lease == lease } }

  var isIdle: Bool { queue.isEmpty && inFlight.isEmpty }
  /// One lease is being worked on; another should be at hand when it ends.
  var wantsLease: Bool { queue.count < 2 }

  /// Does a bounded piece of work and hands over the records it completes, each with its lease.
  func advance(_ deliver: (Record, LeaseGrant) -> Void) throws {
    if hasRoom { try takeIn(deliver) }
    let start = clock.now
    try model?.generator.step { slot, generation in
      finish(slot / Self.requestsPerUnit, request: slot % Self.requestsPerUnit, generation, deliver)
    }
    share((clock.now - start).seconds)
  }

  /// A request's id is its unit's slot times this plus its index; no job decodes into so many languages.
  private static let requestsPerUnit = 4096

  /// Whether enough of the decoder is free to make a batch of the encoder worthwhile.
  private var hasRoom: Bool {
    guard !queue.isEmpty else { return false }
    guard let generator = model?.generator, !generator.isIdle else { return true }
    return generator.rows <= SonarModel.batchRows * 3 / 4
  }

  private func takeIn(_ deliver: (Record, LeaseGrant) -> Void) throws {
    let start = clock.now
    guard let grant = queue.first?.grant, var open = jobs[grant.job] else {
      queue = Array(queue.dropFirst())
      return
    }
    let units = takeBlock()
    let probes = units.map { open.job.sweep.probe(of: $0) }
    let inputs = probes.map { probe in Result { try resolve(probe, &open.resolver) } }
    try encode(inputs)
    jobs[grant.job] = open
    let share = (clock.now - start).seconds / Double(units.count)

    for ((unit, probe), input) in zip(zip(units, probes), inputs) {
      func deliverNow(_ outcome: Record.Outcome) {
        deliver(Record(unit: unit, outcome: outcome, attempt: grant.attempt, seconds: share), grant)
      }
      do {
        guard let probe else {
          deliverNow(.skipped)
          continue
        }
        let (sequences, expected) = try input.get()
        let embedding = try combine(probe, sequences)
        if probe.decodes.isEmpty {
          deliverNow(.done(embedding: embedding, decodes: []))
        } else {
          try decode(
            InFlight(
              unit: unit, grant: grant, embedding: embedding, requests: probe.decodes, expected: expected,
              decodes: Array(repeating: nil, count: probe.decodes.count), seconds: share))
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

  private typealias Input = (sequences: [[TokenID]], expected: [[TokenID]?])

  /// The encoder inputs of a probe's sequence terms, and what its decodes should give.
  private func resolve(_ probe: Probe?, _ resolver: inout ProbeResolver?) throws -> Input {
    guard let probe else { return ([], []) }
    var sequences: [[TokenID]] = []
    for case .sequence(let sequence) in probe.terms.map(\.source) {
      guard let ids = try resolver?.encoderInput(sequence) else {
        throw UnitError(code: "no-model", message: "this worker holds no model")
      }
      sequences.append(ids)
    }
    let expected = try probe.decodes.map { try $0.expected.flatMap { try resolver?.decoderOutput($0) } }
    return (sequences, expected)
  }

  /// Puts the embeddings of all sequences that are not cached into the cache, each once.
  private func encode(_ inputs: [Result<Input, any Error>]) throws {
    var missing: [[TokenID]] = []
    var seen: Set<[TokenID]> = []
    for case .success(let input) in inputs {
      for sequence in input.sequences where cache[sequence] == nil && seen.insert(sequence).inserted {
        missing.append(sequence)
      }
    }
    guard let model, !missing.isEmpty else { return }
    for (sequence, embedding) in zip(missing, try model.encode(missing)) { cache.insert(embedding, for: sequence) }
  }

  /// Σ weight × source.
  private func combine(_ probe: Probe, _ sequences: [[TokenID]]) throws -> [Float] {
    var sequences = sequences[...]
    var sum: [Float] = []
    for term in probe.terms {
      let vector: [Float]
      switch term.source {
      case .sequence:
        guard let ids = sequences.popFirst(), let embedding = cache[ids] else {
          throw UnitError(code: "internal", message: "a sequence was not encoded")
        }
        vector = embedding
      case .vector(let named):
        vector = named.values
      case .ramp(let unit, let dim):
        vector = (0..<dim).map { Float((unit &+ UInt64($0)) & 0xFFFF) }
      }
      let weighted = term.weight == 1 ? vector : vector.map { $0 * term.weight }
      sum = sum.isEmpty ? weighted : zip(sum, weighted).map { $0 + $1 }
    }
    guard sum.allSatisfy(\.isFinite) else {
      throw UnitError(code: "not-finite", message: "the embedding has a value that is not finite")
    }
    return sum
  }

  private func decode(_ unit: InFlight) throws {
    guard let model, let resolver = jobs[unit.grant.job]?.resolver else {
      throw UnitError(code: "no-model", message: "this worker holds no model")
    }
    let languages = try unit.requests.map { try resolver.language($0.language) }
    let slot = nextSlot
    nextSlot += 1
    inFlight[slot] = unit
    for (i, request) in unit.requests.enumerated() {
      try model.generator.submit(
        .init(embedding: unit.embedding, language: languages[i], method: request.method, maxTokens: request.maxTokens),
        id: slot * Self.requestsPerUnit + i)
    }
  }

  private func finish(_ slot: Int, request: Int, _ generation: Generation, _ deliver: (Record, LeaseGrant) -> Void) {
    guard var unit = inFlight[slot], let model else { return }
    guard generation.isFinite else {
      inFlight[slot] = nil
      let error = UnitError(code: "not-finite", message: "the decoder's probabilities are not finite")
      deliver(
        Record(unit: unit.unit, outcome: .failed(error), attempt: unit.grant.attempt, seconds: unit.seconds), unit.grant
      )
      return
    }
    unit.decodes[request] = DecodedText(
      language: unit.requests[request].language, ids: generation.ids, text: model.tokenizer.decode(generation.ids),
      logProbability: generation.logProbability, score: generation.hypotheses.first?.score,
      expectation: unit.expected[request].map {
        .init(text: model.tokenizer.decode($0), tokens: $0.count, errors: generation.ids.errors(against: $0))
      })
    let decodes = unit.decodes.compactMap { $0 }
    guard decodes.count == unit.decodes.count else {
      inFlight[slot] = unit
      return
    }
    inFlight[slot] = nil
    let outcome = Record.Outcome.done(embedding: unit.embedding, decodes: decodes)
    deliver(Record(unit: unit.unit, outcome: outcome, attempt: unit.grant.attempt, seconds: unit.seconds), unit.grant)
  }

  /// Charges time to the units it was spent on, in equal parts.
  private func share(_ seconds: Double) {
    guard !inFlight.isEmpty else { return }
    let part = seconds / Double(inFlight.count)
    for slot in inFlight.keys { inFlight[slot]?.seconds += part }
  }
}
