import Foundation
import SonarModel
import TensorKernels
import TestSupport
import Testing

@Suite("The encoder's states")
struct StateTests {
  @Test(
    "a token's states are the same, to the bit, in any batch and whichever others are asked for",
    arguments: CPUBackend.precisions)
  func invariance(precision: Precision) throws {
    let model = try SonarModel(EmbeddedModel.directory, precision: precision)
    var random = SplitMix64(seed: 4)
    let sequences = (0..<40).map { _ in randomSequence(using: &random) }
    let alone = try sequences.map { try model.encoder.encodeWithStates([$0])[0] }
    let rows = sequences.map { sequence in
      (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: sequence.indices, using: &random) }
    }
    let order = sequences.indices.shuffled(using: &random)
    let together = try model.encode(order.map { sequences[$0] }, statesOf: order.map { rows[$0] })
    for (encoded, index) in zip(together, order) {
      #expect(encoded.embedding == alone[index].embedding)
      #expect(encoded.states == rows[index].map { alone[index].states[$0] })
    }
  }

  @Test("an input state is the scaled row of the table plus the sine and cosine of its place")
  func input() throws {
    let model = try SonarModel(EmbeddedModel.directory)
    let config = model.config
    let dim = config.modelDim
    let table = try Safetensors(contentsOf: EmbeddedModel.directory.url.appending(path: "model.safetensors"))
      .tensor("encoder.encoder_frontend.embed.weight", shape: [config.vocabularySize, dim])
    let tokens = [(5197, 0), (77, 1), (77, 20), (3, 100)].map { (id: TokenID($0), place: $1) }
    for (token, state) in zip(tokens, try model.encoder.inputStates(tokens)) {
      let row = table[token.id.index * dim..<(token.id.index + 1) * dim]
      let half = dim / 2
      for (j, (value, weight)) in zip(state, row).enumerated() {
        let angle = Double(token.place + 2) * exp(-Double(j % half) * log(10000) / Double(half - 1))
        let expected = Double(weight) * Double(dim).squareRoot() + (j < half ? sin(angle) : cos(angle))
        #expect(abs(Double(value) - expected) < 1e-4)
      }
    }
    #expect(throws: TokenizerError.self) { try model.encoder.inputStates([(TokenID(config.vocabularySize), 0)]) }
    #expect(throws: TokenizerError.self) { try model.encoder.inputStates([(TokenID(4), config.maxSourceTokens)]) }
  }

  private func randomSequence(using random: inout some RandomNumberGenerator) -> [TokenID] {
    let content = (0..<Int.random(in: 1...40, using: &random)).map { _ in
      TokenID(Int.random(in: 4..<5197, using: &random))
    }
    return [TokenID(5197)] + content + [Tokenizer.endOfSequence]
  }
}
