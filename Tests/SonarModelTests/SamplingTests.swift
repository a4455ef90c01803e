import Foundation
import SonarModel
import TensorKernels
import Testing

@Suite("Sampled decoding")
struct SamplingTests {
  let model: SonarModel
  let language: TokenID
  /// Of a word list, which the decoder is not sure of.
  let embedding: [Float]
  /// Of the first token after the prompt, [vocabulary].
  let logits: [Float]

  init() throws {
    let model = try SonarModel(EmbeddedModel.directory)
    let language = try model.tokenizer.token(of: "eng_Latn")
    // A mean of two sentences: several continuations are likely.
    let sequences = ["the dog sleeps", "we eat rice and meat"].map {
      [language] + model.tokenizer.encode($0) + [Tokenizer.endOfSequence]
    }
    let pair = try model.encode(sequences)
    (self.model, self.language) = (model, language)
    embedding = zip(pair[0], pair[1]).map { ($0 + $1) / 2 }
    logits = try model.logits(embedding: embedding, after: [Tokenizer.endOfSequence, language])
  }

  @Test("one token to choose from is greedy decoding", arguments: [Sampling(topK: 1), Sampling(topP: 1e-6)])
  func greedy(sampling: Sampling) throws {
    let expected = try decode([.greedy], maxTokens: 20)
    #expect(try decode([.sample(sampling)], maxTokens: 20) == expected)
  }

  @Test("the same seed draws the same tokens, and another one others")
  func seeds() throws {
    let sampling = (0..<8).map { DecodingMethod.sample(Sampling(temperature: 2, seed: $0)) }
    let (first, second) = (try decode(sampling, maxTokens: 12), try decode(sampling, maxTokens: 12))
    #expect(first == second)
    #expect(Set(first.map(\.ids)).count > 4)
  }

  @Test(
    "tokens are drawn as often as the tempered probabilities of those that may be drawn say",
    arguments: [
      Sampling(temperature: 1), Sampling(topK: 3, temperature: 2), Sampling(topK: 200, temperature: 3),
      Sampling(topP: 0.8, temperature: 1.5), Sampling(topK: 20, topP: 0.9, temperature: 2),
    ])
  func frequencies(sampling: Sampling) throws {
    let draws = 4000
    let methods = (0..<draws).map { seed in
      DecodingMethod.sample(
        Sampling(topK: sampling.topK, topP: sampling.topP, temperature: sampling.temperature, seed: UInt64(seed)))
    }
    let drawn = try decode(methods, maxTokens: 1).map { $0.ids[0].index }
    let expected = probabilities(sampling)
    for token in Set(drawn) { #expect(expected[token] != nil, "\(token) may not be drawn") }
    for (token, probability) in expected where probability > 0.005 {
      let count = Double(drawn.count { $0 == token })
      let deviation = (Double(draws) * probability * (1 - probability)).squareRoot()
      #expect(abs(count - Double(draws) * probability) <= 5 * deviation + 1, "\(token): \(count), \(probability)")
    }
  }

  @Test("the log-probability is the model's own, whatever the temperature")
  func logProbability() throws {
    let largest = Double(logits.max() ?? 0)
    let logSumExp = largest + log(logits.reduce(0) { $0 + exp(Double($1) - largest) })
    for generation in try decode((0..<5).map { .sample(Sampling(topK: 50, temperature: 3, seed: $0)) }, maxTokens: 1) {
      let expected = Double(logits[generation.ids[0].index]) - logSumExp
      #expect(abs(Double(generation.logProbability) - expected) < 1e-4)
    }
  }

  @Test("a decode's own seed depends on unit and language, and on nothing else")
  func derived() {
    let sampling = Sampling(topK: 5, seed: 7)
    #expect(sampling.derived(unit: 1, language: "eng_Latn") == sampling.derived(unit: 1, language: "eng_Latn"))
    let seeds = (0..<100).flatMap { unit in
      ["eng_Latn", "spa_Latn"].map { sampling.derived(unit: unit << 30, language: LanguageCode($0)).seed }
    }
    #expect(Set(seeds).count == 200)
    #expect(sampling.derived(unit: 3, language: "eng_Latn").topK == 5)
  }

  /// The tokens that may be drawn, by definition: softmax of logits / temperature, cut to the top k, then to the fewest
  /// that make up p.
  private func probabilities(_ sampling: Sampling) -> [Int: Double] {
    var ranked = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    if let k = sampling.topK { ranked = Array(ranked.prefix(k)) }
    let weights = ranked.map { exp(Double(logits[$0] - logits[ranked[0]]) / sampling.temperature) }
    let total = weights.reduce(0, +)
    var (sum, kept) = (0.0, 0)
    while kept < ranked.count, sum < (sampling.topP ?? 2) * total {
      sum += weights[kept]
      kept += 1
    }
    return Dictionary(uniqueKeysWithValues: (0..<kept).map { (ranked[$0], weights[$0] / sum) })
  }

  private func decode(_ methods: [DecodingMethod], maxTokens: Int) throws -> [Generation] {
    let requests = methods.map {
      Generator<CPUBackend>.Request(embedding: embedding, language: language, method: $0, maxTokens: maxTokens)
    }
    var results = [Generation?](repeating: nil, count: requests.count)
    try model.generator.decode(requests) { results[$0] = $1 }
    return try results.map { try #require($0) }
  }
}
