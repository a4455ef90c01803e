import FleetProtocol
import SonarModel
import SweepSpec

/// Decodes units' embeddings through one continuously batched decoder, and makes the record of each as its last decode
/// ends.
final class UnitDecoder {
  /// A unit with all but its decodes.
  struct Unit {
    let unit: UnitIndex
    let grant: LeaseGrant
    let embedding: [Float]
    let states: [[Float]]
    let requests: [DecodeRequest]
    /// What each request should give.
    let expected: [[TokenID]?]
    /// How long the worker has been busy with it.
    var seconds: Double
  }

  private struct InFlight {
    var unit: Unit
    var decodes: [DecodedText?]

    func record(_ outcome: Record.Outcome) -> Record {
      Record(unit: unit.unit, outcome: outcome, attempt: unit.grant.attempt, seconds: unit.seconds)
    }
  }

  /// A request's id is its unit's slot times this plus its index; no job decodes into so many languages.
  private static let requestsPerUnit = 4096

  private let model: SonarModel
  private let clock = MonotonicClock()
  private var inFlight: [Int: InFlight] = [:]
  private var nextSlot = 0
  /// What the model did so far, its part for encoding empty.
  private(set) var work = ModelWork()

  init(model: SonarModel) { self.model = model }

  var isIdle: Bool { inFlight.isEmpty }
  /// Whether enough of the decoder is free to make a batch of the encoder worthwhile.
  var hasRoom: Bool { model.generator.isIdle || model.generator.rows <= SonarModel.batchRows * 3 / 4 }

  /// Takes a unit in. Throws `UnitError` where the model does not have its languages.
  func submit(_ unit: Unit, _ resolver: ProbeResolver) throws {
    let languages = try unit.requests.map { try resolver.language($0.language) }
    let slot = nextSlot
    nextSlot += 1
    inFlight[slot] = InFlight(unit: unit, decodes: Array(repeating: nil, count: unit.requests.count))
    for (i, request) in unit.requests.enumerated() {
      try model.generator.submit(
        .init(
          embedding: unit.embedding, language: languages[i], method: request.method(of: unit.unit),
          maxTokens: request.maxTokens),
        id: slot * Self.requestsPerUnit + i)
    }
  }

  /// Decodes a token of every unit taken in, and hands over the records this completes, each with its lease.
  func step(_ deliver: (Record, LeaseGrant) -> Void) throws {
    let (start, before) = (clock.now, model.generator.decodedTokens)
    try model.generator.step { id, generation in
      finish(id / Self.requestsPerUnit, request: id % Self.requestsPerUnit, generation, deliver)
    }
    let seconds = (clock.now - start).seconds
    share(seconds)
    let tokens = model.generator.decodedTokens - before
    if tokens > 0 { work += ModelWork(decodedTokens: tokens, decodeSeconds: seconds) }
  }

  private func finish(_ slot: Int, request: Int, _ generation: Generation, _ deliver: (Record, LeaseGrant) -> Void) {
    guard var flight = inFlight[slot] else { return }
    guard generation.isFinite else {
      inFlight[slot] = nil
      let error = UnitError(code: "not-finite", message: "the decoder's probabilities are not finite")
      deliver(flight.record(.failed(error)), flight.unit.grant)
      return
    }
    flight.decodes[request] = decoded(generation, flight.unit.requests[request], flight.unit.expected[request])
    let decodes = flight.decodes.compactMap { $0 }
    guard decodes.count == flight.decodes.count else {
      inFlight[slot] = flight
      return
    }
    inFlight[slot] = nil
    let outcome = Record.Outcome.done(embedding: flight.unit.embedding, states: flight.unit.states, decodes: decodes)
    deliver(flight.record(outcome), flight.unit.grant)
  }

  private func decoded(_ generation: Generation, _ request: DecodeRequest, _ expected: [TokenID]?) -> DecodedText {
    DecodedText(
      language: request.language, ids: generation.ids, text: model.tokenizer.decode(generation.ids),
      logProbability: generation.logProbability, score: generation.hypotheses.first?.score,
      expectation: expected.map {
        .init(text: model.tokenizer.decode($0), tokens: $0.count, errors: generation.ids.errors(against: $0))
      })
  }

  /// Charges time to the units it was spent on, in equal parts.
  private func share(_ seconds: Double) {
    guard !inFlight.isEmpty else { return }
    let part = seconds / Double(inFlight.count)
    for slot in inFlight.keys { inFlight[slot]?.unit.seconds += part }
  }
}

extension DecodeRequest {
  /// The request's method for one unit: a sample is drawn with a seed of its own.
  fileprivate func method(of unit: UnitIndex) -> DecodingMethod {
    if case .sample(let sampling) = method { return .sample(sampling.derived(unit: unit, language: language)) }
    return method
  }
}
