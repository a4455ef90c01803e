import SonarModel
import TensorKernels
import Testing

@Suite("The embedded model gives the reference's values")
struct GoldenTests {
  let model: SonarModel
  let cases: [GoldenCase]

  init() throws {
    model = try SonarModel(EmbeddedModel.directory)
    cases = try EmbeddedModel.golden()
  }

  @Test("texts and pieces become the reference's ids")
  func ids() throws {
    #expect(cases.count == 43)
    for golden in cases {
      let prefix = [try model.tokenizer.token(of: golden.language)]
      if let text = golden.text {
        #expect(prefix + model.tokenizer.encode(text) + [Tokenizer.endOfSequence] == golden.ids)
      } else if let pieces = golden.pieces {
        let content = try pieces.map { try model.tokenizer.token(ofWord: $0) }
        #expect(prefix + content + [Tokenizer.endOfSequence] == golden.ids)
      }
    }
  }

  @Test("embeddings agree within 1e-4, alone and in one ragged batch")
  func embeddings() throws {
    let batch = try model.encode(cases.map(\.ids))
    var worst: Float = 0
    for (golden, embedding) in zip(cases, batch) {
      for (ours, reference) in zip(embedding, golden.embedding) { worst = max(worst, abs(ours - reference)) }
      #expect(try model.encode([golden.ids]) == [embedding], "the batch changed a row")
    }
    #expect(worst < 1e-4)
    print("largest difference of an embedding value: \(worst)")
  }

  @Test("greedy decodes have the reference's ids, texts and log-probabilities")
  func greedy() throws {
    let requests = try requests(\.greedy, method: .greedy)
    try model.generator.decode(requests.map(\.request)) { index, generation in
      let (_, golden, language) = requests[index]
      let expected = try #require(golden.greedy[language])
      #expect(generation.ids == expected.ids, "\(golden.text ?? "\(golden.ids)") into \(language)")
      #expect(abs(generation.logProbability - expected.logProbability) < 1e-3)
      #expect(model.tokenizer.decode(generation.ids) == expected.text)
    }
  }

  @Test("beam search finds the reference's hypotheses, in order, with its scores")
  func beam() throws {
    let requests = try requests(\.beam, method: .beam(size: 5))
    #expect(!requests.isEmpty)
    try model.generator.decode(requests.map(\.request)) { index, generation in
      let (_, golden, language) = requests[index]
      let expected = try #require(golden.beam[language])
      #expect(
        generation.hypotheses.map(\.ids) == expected.map(\.ids), "\(golden.text ?? "\(golden.ids)") into \(language)")
      for (ours, reference) in zip(generation.hypotheses, expected) {
        #expect(abs(ours.score - reference.score) < 1e-3)
      }
    }
  }

  private func requests<Value>(
    _ decodes: KeyPath<GoldenCase, [String: Value]>, method: DecodingMethod
  ) throws -> [(request: Generator<CPUBackend>.Request, golden: GoldenCase, language: String)] {
    try cases.flatMap { golden in
      try golden[keyPath: decodes].keys.sorted().map { language in
        let token = try model.tokenizer.token(of: LanguageCode(language))
        let request = Generator<CPUBackend>.Request(
          embedding: golden.embedding, language: token, method: method, maxTokens: 510)
        return (request, golden, language)
      }
    }
  }
}
