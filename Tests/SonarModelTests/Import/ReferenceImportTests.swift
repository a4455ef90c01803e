import Foundation
import SonarModel
import TensorKernels
import Testing

@Suite("Imported checkpoints give the reference's values, in each of their forms")
struct ReferenceImportTests {
  @Test("there are fixtures") func fixtures() { #expect(!ReferenceFixture.directories.isEmpty) }

  @Test(
    "the three forms of one model become the same weights, to the bit, and the same config",
    arguments: ReferenceFixture.directories)
  func sameWeights(directory: URL) throws {
    let temporary = try TemporaryDirectory()
    // A port may store them as float16 or bfloat16.
    var weights: Set<[String: [Float]]> = []
    var configs: Set<Data> = []
    for form in ReferenceFixture.Form.allCases {
      let fixture = ReferenceFixture(directory: directory, form: form)
      let model = try fixture.modelImport(name: form.rawValue).write(into: temporary.url)
      let file = try Safetensors(contentsOf: model.url.appending(path: "model.safetensors"))
      weights.insert(
        try Dictionary(
          uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0, shape: #require(file.shape(of: $0)))) }))
      configs.insert(try Data(contentsOf: model.url.appending(path: "config.json")))
    }
    #expect(weights.count == 1)
    #expect(configs.count == 1)
    #expect(temporary.names == ["fairseq", "fairseq2", "huggingFace"])
  }

  @Test("texts have the reference's ids, and sequences its embeddings", arguments: ReferenceFixture.all)
  func embeddings(fixture: ReferenceFixture) throws {
    let (model, answers) = try load(fixture)
    var worst: Float = 0
    for expected in answers.text {
      let prefix = [try model.tokenizer.token(of: expected.language)]
      #expect(prefix + model.tokenizer.encode(expected.text) + [Tokenizer.endOfSequence] == expected.ids)
    }
    let all = answers.text.map { ($0.ids, $0.embedding) } + answers.raw.map { ($0.ids, $0.embedding) }
    for (ours, expected) in zip(try model.encode(all.map(\.0)), all) {
      worst = max(worst, relativeDifference(ours, expected.1))
    }
    #expect(worst <= 2e-5)
  }

  @Test("encoder states after the final LayerNorm are the reference's", arguments: ReferenceFixture.all)
  func states(fixture: ReferenceFixture) throws {
    let (model, answers) = try load(fixture)
    for expected in answers.states {
      let states = try model.encoder.encodeWithStates([expected.ids])[0].states.flatMap { $0 }
      #expect(relativeDifference(states, expected.states) <= 2e-5)
    }
  }

  @Test("logits of every position are the reference's", arguments: ReferenceFixture.all)
  func logits(fixture: ReferenceFixture) throws {
    let (model, answers) = try load(fixture)
    for expected in answers.logits {
      let last = try model.logits(embedding: expected.embedding, after: expected.ids)
      #expect(relativeDifference(last, expected.lastLogits) <= 2e-5)
      for (position, first) in expected.first8.enumerated() {
        let ours = try model.logits(embedding: expected.embedding, after: Array(expected.ids.prefix(position + 1)))
        #expect(relativeDifference(Array(ours.prefix(8)), first) <= 1e-4, "position \(position)")
      }
    }
  }

  @Test("greedy decodes have the reference's ids and log-probabilities", arguments: ReferenceFixture.all)
  func greedy(fixture: ReferenceFixture) throws {
    let (model, answers) = try load(fixture)
    let requests = try answers.greedy.map {
      Generator<CPUBackend>.Request(
        embedding: $0.embedding, language: try model.tokenizer.token(of: $0.language), method: .greedy,
        maxTokens: $0.maxNewTokens)
    }
    try model.generator.decode(requests) { index, generation in
      let expected = answers.greedy[index]
      #expect(generation.ids == Array(expected.ids.dropFirst(2)), "decode \(index)")
      #expect(abs(generation.logProbability - expected.logProbability) < 1e-3)
    }
  }

  @Test("beam search finds the reference's hypotheses, in order, with its scores", arguments: ReferenceFixture.all)
  func beam(fixture: ReferenceFixture) throws {
    let (model, answers) = try load(fixture)
    let requests = try answers.beam.map {
      Generator<CPUBackend>.Request(
        embedding: $0.embedding, language: try model.tokenizer.token(of: $0.language),
        method: .beam(size: $0.beamSize), maxTokens: $0.maxNewTokens)
    }
    try model.generator.decode(requests) { index, generation in
      let expected = answers.beam[index].hypotheses
      #expect(generation.hypotheses.map(\.ids) == expected.map(\.ids), "decode \(index)")
      for (ours, reference) in zip(generation.hypotheses, expected) {
        #expect(abs(ours.score - reference.score) < 1e-4)
      }
    }
  }

  /// The model is in memory when its directory goes.
  private func load(_ fixture: ReferenceFixture) throws -> (SonarModel, ReferenceAnswers) {
    let temporary = try TemporaryDirectory()
    let model = try SonarModel(fixture.modelImport().write(into: temporary.url))
    return (model, try .read(fixture))
  }
}
