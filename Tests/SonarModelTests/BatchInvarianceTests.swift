import SonarModel
import TensorKernels
import TestSupport
import Testing

@Suite("Results do not depend on what is computed together")
struct BatchInvarianceTests {
  @Test(
    "a sequence has the same embedding, to the bit, in any batch, with any threads", arguments: CPUBackend.precisions)
  func encoding(precision: Precision) throws {
    let model = try SonarModel(EmbeddedModel.directory, precision: precision)
    var random = SplitMix64(seed: 1)
    let sequences = (0..<60).map { _ in randomSequence(using: &random) }
    let alone = try sequences.map { try model.encode([$0])[0] }
    for round in 0..<5 {
      let model = round == 4 ? try SonarModel(EmbeddedModel.directory, precision: precision, threads: 2) : model
      let order = sequences.indices.shuffled(using: &random)
      let batch = try model.encode(order.map { sequences[$0] })
      for (place, index) in order.enumerated() { #expect(batch[place] == alone[index], "\(sequences[index])") }
    }
  }

  @Test(
    "a decode has the same tokens and log-probability, to the bit, among any others", arguments: CPUBackend.precisions)
  func decoding(precision: Precision) throws {
    let model = try SonarModel(EmbeddedModel.directory, precision: precision)
    var random = SplitMix64(seed: 1)
    let language = try model.tokenizer.token(of: "eng_Latn")
    let requests = try model.encode((0..<90).map { _ in randomSequence(using: &random) }).enumerated().map {
      i, embedding in
      let methods: [DecodingMethod] = [
        .beam(size: 5), .greedy, .sample(Sampling(topK: 20, temperature: 6, seed: UInt64(i))),
        .sample(Sampling(topP: 0.9, temperature: 6, seed: UInt64(i))),
      ]
      return Generator<CPUBackend>.Request(
        embedding: embedding, language: language, method: methods[i % methods.count], maxTokens: 24)
    }
    let alone = try requests.map { try decode([$0], model)[0] }
    let order = requests.indices.shuffled(using: &random)
    let together = try decode(order.map { requests[$0] }, model)
    for (place, index) in order.enumerated() { #expect(together[place] == alone[index]) }
  }

  @Test("beam search stops at its limit with </s> forced, greedy decoding without")
  func limits() throws {
    let model = try SonarModel(EmbeddedModel.directory)
    let embedding = try model.encode([[5197, 36, 1738, 1859, 36, 409, 3].map { TokenID($0) }])[0]
    let language = try model.tokenizer.token(of: "eng_Latn")
    let results = try decode(
      [
        .init(embedding: embedding, language: language, method: .greedy, maxTokens: 2),
        .init(embedding: embedding, language: language, method: .beam(size: 5), maxTokens: 2),
      ], model)
    #expect(results[0].ids.count == 2)
    #expect(results[0].ids.last != Tokenizer.endOfSequence)
    #expect(results[1].hypotheses.allSatisfy { $0.ids.count <= 2 && $0.ids.last == Tokenizer.endOfSequence })
  }

  @Test("a wrong embedding is refused and harms no later decode")
  func badEmbedding() throws {
    let model = try SonarModel(EmbeddedModel.directory)
    let language = try model.tokenizer.token(of: "eng_Latn")
    #expect(throws: ModelError.self) {
      try decode([.init(embedding: [1, 2], language: language, method: .greedy, maxTokens: 5)], model)
    }
    #expect(throws: ModelError.self) {
      try decode(
        [
          .init(embedding: .init(repeating: .nan, count: 256), language: language, method: .greedy, maxTokens: 5)
        ], model)
    }
    let embedding = try model.encode([[5197, 1738, 3].map { TokenID($0) }])[0]
    let result = try decode([.init(embedding: embedding, language: language, method: .greedy, maxTokens: 5)], model)
    #expect(model.tokenizer.decode(result[0].ids) == "dog")
  }

  private func decode(_ requests: [Generator<CPUBackend>.Request], _ model: SonarModel) throws -> [Generation] {
    var results = [Generation?](repeating: nil, count: requests.count)
    try model.generator.decode(requests) { results[$0] = $1 }
    return try results.map { try #require($0) }
  }

  private func randomSequence(using random: inout some RandomNumberGenerator) -> [TokenID] {
    let length = Int.random(in: 1...40, using: &random)
    let content = (0..<length).map { _ in TokenID(Int.random(in: 4..<5197, using: &random)) }
    return [TokenID(Int.random(in: 5197...5199, using: &random))] + content + [Tokenizer.endOfSequence]
  }
}
