import FleetProtocol
import SonarModel
import SweepSpec
import Testing
import Worker

@Suite("What a worker computes of a probe")
struct UnitComputerTests {
  let model: SonarModel
  let computer: UnitComputer

  init() throws {
    model = try SonarModel(EmbeddedModel.directory)
    computer = UnitComputer(model: model)
  }

  static let dog = sequence(["dog", "_", "_", "_"])
  static let cat = sequence(["_", "_", "cat"])

  @Test("the embedding is the sum of weighted sources, in order, and vectors count like sequences")
  func combination() throws {
    let (dog, cat) = (try embedding(Self.dog), try embedding(Self.cat))
    let vector = NamedVector(name: "v", values: dog.indices.map { Float($0) / 100 })
    let outcomes = try computer.outcomes(of: [
      Probe(terms: [
        .init(.sequence(Self.dog)), .init(weight: -0.5, .sequence(Self.cat)), .init(weight: 3, .vector(vector)),
      ]), nil,
    ])
    let expected = dog.indices.map { dog[$0] + cat[$0] * -0.5 + vector.values[$0] * 3 }
    #expect(outcomes == [.done(embedding: expected, decodes: []), .skipped])
  }

  @Test("noise has the seed's direction and a length relative to the combination's, whatever it is added to")
  func noise() throws {
    let noise = Noise(scale: 0.5, seed: 11)
    let outcomes = try computer.outcomes(
      of: [Self.dog, Self.cat].map { Probe(terms: [.init(.sequence($0))], noise: noise) })
    let directions = try zip(outcomes, [Self.dog, Self.cat]).map { outcome, sequence in
      let clean = try embedding(sequence)
      let added = zip(try #require(outcome?.embedding), clean).map { Double($0 - $1) }
      #expect(abs(Self.norm(added) / Self.norm(clean.map { Double($0) }) - 0.5) < 1e-4)
      return added.map { $0 / Self.norm(added) }
    }
    #expect(zip(directions[0], directions[1]).allSatisfy { abs($0 - $1) < 1e-4 })
    let expected = GaussianDirection.values(seed: 11, dim: model.config.modelDim)
    #expect(zip(directions[0], expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("states are those of the encoder at the position asked for, whatever else is in the block")
  func states() throws {
    let probes = [(Self.dog, 0), (Self.dog, 2), (Self.cat, 2), (Self.dog, 0), (Self.cat, 1)].map { sequence, position in
      Probe(terms: [.init(.sequence(sequence)), .init(.sequence(Self.cat))], statePosition: position)
    }
    let outcomes = try computer.outcomes(of: probes, states: [.input, .token])
    for (probe, outcome) in zip(probes, outcomes) {
      guard case .sequence(let sequence) = probe.terms[0].source, let position = probe.statePosition else { continue }
      let ids = try sequence.ids(in: model.tokenizer)
      let token = try model.encoder.encodeWithStates([ids])[0].states[position + 1]
      let input = try model.encoder.inputStates([(ids[position + 1], position + 1)])[0]
      #expect(outcome?.states == [input, token])
    }
    // Once more, now that the embeddings are remembered.
    #expect(
      try computer.outcomes(of: probes, states: [.token]).map { $0?.states }
        == outcomes.map { $0.map { [$0.states[1]] } })
  }

  @Test("the model's work is every token once: what is encoded, not what is remembered, and what is written")
  func work() throws {
    let probes = [Self.dog, Self.cat, Self.dog].map { Probe(terms: [.init(.sequence($0))]) }
    _ = try computer.outcomes(of: probes)
    let first = computer.takeWork()
    // With language token and `</s>`; the second dog is the first's.
    #expect(first.encodedTokens == 6 + 5)
    #expect(first.encodeSeconds > 0)
    #expect(first.decodedTokens == 0 && first.decodeSeconds == 0)
    let decoding = Probe(
      terms: [.init(.sequence(Self.dog))],
      decodes: [.init(language: "eng_Latn", method: .greedy, maxTokens: 3, expected: nil)])
    let outcome = try #require(try computer.outcomes(of: [decoding])[0])
    let second = computer.takeWork()
    #expect(second.encodedTokens == 0 && second.encodeSeconds == 0, "its embedding is remembered")
    #expect(second.decodedTokens == UInt64(outcome.decodes.reduce(0) { $0 + $1.ids.count }))
    #expect(second.decodeSeconds > 0)
    #expect(computer.takeWork() == ModelWork(), "and told once")
  }

  @Test("a unit that cannot be computed fails with its reason, and its neighbours do not")
  func failures() throws {
    let short = NamedVector(name: "short", values: [1, 2, 3])
    let good = Probe(terms: [.init(.sequence(Self.dog))], statePosition: 0)
    let dog = Probe.Term(.sequence(Self.dog))
    let bad: [(Probe, code: String, says: String)] = [
      (Probe(terms: [dog, .init(.vector(short))], statePosition: 0), "vector-length", "'short' has 3 values"),
      (
        Probe(
          terms: [dog, .init(weight: -1, .sequence(Self.dog))], noise: Noise(scale: 1, seed: 1), statePosition: 0),
        "zero-norm", "norm is 0"
      ),
      (Probe(terms: [dog], statePosition: 4), "no-state", "no content token 4"),
      (Probe(terms: [dog], statePosition: -1), "no-state", "no content token -1"),
      (Probe(terms: [dog]), "no-state", "first term is no sequence"),
      (Probe(terms: [.init(.vector(short)), dog], statePosition: 0), "no-state", "first term is no sequence"),
      (
        Probe(terms: [.init(.sequence(Self.sequence(["dog", "speaker"])))], statePosition: 0), "not-one-token",
        "speaker"
      ),
      (Probe(terms: [.init(weight: .infinity, dog.source)], statePosition: 0), "not-finite", "not finite"),
    ]
    let outcomes = try computer.outcomes(of: [good] + bad.map(\.0) + [good], states: [.token])
    for ((_, code, message), outcome) in zip(bad, outcomes.dropFirst()) {
      guard case .failed(let error) = outcome else {
        Issue.record("\(code): \(String(describing: outcome))")
        continue
      }
      #expect(error.code == code)
      #expect(error.message.contains(message), "\(error.message)")
    }
    for outcome in [outcomes.first, outcomes.last] { #expect(outcome??.embedding == (try embedding(Self.dog))) }
  }

  @Test("a decode says what was expected and how many tokens it is off")
  func expectations() throws {
    let expected = [Self.sequence(["dog", "cat"]), Self.sequence(["dog", "dog", "cat"]), nil]
    let probes = expected.map { expected in
      Probe(
        terms: [.init(.sequence(Self.sequence(["dog", "cat"])))],
        decodes: [.init(language: "eng_Latn", method: .greedy, maxTokens: 16, expected: expected)])
    }
    let decode = DecodeSpec(languages: ["eng_Latn"], method: .greedy, maxTokens: 16)
    let decodes = try computer.outcomes(of: probes, decode: decode).map { try #require($0?.decodes.first) }
    #expect(decodes[0].text == "dog cat")
    #expect(decodes[0].expectation == .init(text: "dog cat", tokens: 3, errors: 0))
    #expect(decodes[1].expectation == .init(text: "dog dog cat", tokens: 4, errors: 1))
    #expect(decodes.map(\.exactMatch) == [true, false, nil])
  }

  @Test("what is sampled depends on the unit and the language, not on leases, their order or neighbours")
  func sampling() throws {
    let (dog, cat) = (Self.dog, Self.cat)
    let method = DecodingMethod.sample(Sampling(topK: 50, temperature: 10, seed: 3))
    let decode = DecodeSpec(languages: ["eng_Latn", "spa_Latn"], method: method, maxTokens: 12)
    let probes = (0..<60).map { i in
      Probe(
        terms: [.init(.sequence(i % 2 == 0 ? dog : cat))],
        decodes: decode.languages.map { .init(language: $0, method: method, maxTokens: 12, expected: nil) })
    }
    let job = try ProbeList(probes).job(decode: decode)
    let together = try computer.outcomes(of: job, leases: [0..<60])
    let apart = try UnitComputer(model: model).outcomes(
      of: job, leases: stride(from: 0, to: 60, by: 7).reversed().map { $0..<min($0 + 7, 60) })
    #expect(together == apart)
    // Units of one embedding draw differently, and so do languages.
    #expect(Set(together.values.flatMap(\.decodes).map(\.ids)).count > 60)
  }

  private static func sequence(_ words: [String]) -> TokenSequence {
    TokenSequence(language: "eng_Latn", .tokens(words.map { .word($0) }))
  }

  private func embedding(_ sequence: TokenSequence) throws -> [Float] {
    try model.encode([sequence.ids(in: model.tokenizer)])[0]
  }

  private static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

extension Record.Outcome {
  fileprivate var embedding: [Float]? { if case .done(let embedding, _, _) = self { embedding } else { nil } }
  fileprivate var states: [[Float]] { if case .done(_, let states, _) = self { states } else { [] } }
  fileprivate var decodes: [DecodedText] { if case .done(_, _, let decodes) = self { decodes } else { [] } }
}
