import FleetProtocol
import SonarModel
import SweepSpec

/// Encodes the sequences of a block of probes, each once, and remembers embeddings from block to block.
struct SequenceEncoder {
  /// What a block's probes need of the encoder.
  struct Block {
    fileprivate struct Place: Hashable {
      let sequence: [TokenID]
      let place: Int
    }

    fileprivate var embeddings: [[TokenID]: [Float]] = [:]
    fileprivate var states: [StateKind: [Place: [Float]]] = [:]

    /// The embeddings of a probe's sequences, in order.
    func embeddings(of probe: ResolvedProbe) throws -> [[Float]] {
      try probe.sequences.map { sequence in
        guard let embedding = embeddings[sequence] else { throw Self.missing }
        return embedding
      }
    }

    /// The states of the probe's token, in the order of `kinds`.
    func states(of probe: ResolvedProbe, _ kinds: [StateKind]) throws -> [[Float]] {
      try kinds.map { kind in
        guard let sequence = probe.sequences.first, let place = probe.statePlace,
          let state = states[kind]?[Place(sequence: sequence, place: place)]
        else { throw Self.missing }
        return state
      }
    }

    private static var missing: UnitError { UnitError(code: "internal", message: "a sequence was not encoded") }
  }

  private let model: SonarModel
  private let clock = MonotonicClock()
  private var cache = EmbeddingCache(capacity: 8192)

  /// What the model did so far, its part for decoding empty.
  private(set) var work = ModelWork()

  init(model: SonarModel) { self.model = model }

  mutating func encode(_ probes: [ResolvedProbe], states kinds: [StateKind]) throws -> Block {
    var block = Block()
    var missing: [[TokenID]] = []
    /// The tokens of a missing sequence whose states are wanted. States are not remembered: there may be as many as tokens.
    var places: [[TokenID]: [Int]] = [:]
    for probe in probes {
      for (i, sequence) in probe.sequences.enumerated() {
        let place = i == 0 && kinds.contains(.token) ? probe.statePlace : nil
        if places[sequence] == nil {
          if place == nil, let embedding = block.embeddings[sequence] ?? cache[sequence] {
            block.embeddings[sequence] = embedding
            continue
          }
          missing.append(sequence)
          places[sequence] = []
        }
        if let place, places[sequence]?.contains(place) == false { places[sequence]?.append(place) }
      }
    }
    for (sequence, encoded) in zip(missing, try encode(missing, statesOf: missing.map { places[$0] ?? [] })) {
      block.embeddings[sequence] = encoded.embedding
      cache.insert(encoded.embedding, for: sequence)
      for (place, state) in zip(places[sequence] ?? [], encoded.states) {
        block.states[.token, default: [:]][.init(sequence: sequence, place: place)] = state
      }
    }
    if kinds.contains(.input) { block.states[.input] = try inputStates(probes) }
    return block
  }

  private mutating func encode(_ sequences: [[TokenID]], statesOf places: [[Int]]) throws -> [EncodedSequence] {
    guard !sequences.isEmpty else { return [] }
    let start = clock.now
    let encoded = try model.encode(sequences, statesOf: places)
    work.encodedTokens += UInt64(sequences.reduce(0) { $0 + $1.count })
    work.encodeSeconds += (clock.now - start).seconds
    return encoded
  }

  private func inputStates(_ probes: [ResolvedProbe]) throws -> [Block.Place: [Float]] {
    let places = probes.compactMap { probe in
      probe.sequences.first.flatMap { sequence in
        probe.statePlace.map { Block.Place(sequence: sequence, place: $0) }
      }
    }
    let states = try model.encoder.inputStates(places.map { ($0.sequence[$0.place], $0.place) })
    return Dictionary(zip(places, states)) { first, _ in first }
  }
}
