import Foundation
import SonarModel
import TensorKernels

/// What a lower precision changes: embeddings and greedy round trips beside float32's.
struct BenchAccuracy: Codable {
  let precision: String
  let inputs: Int
  /// Cosine of an embedding to float32's, over the inputs.
  let meanCosine: Double
  let worstCosine: Double
  /// ‖difference‖ / ‖float32's embedding‖, over the inputs.
  let meanRelativeError: Double
  let worstRelativeError: Double
  /// Share of inputs whose greedy decode, of the precision's own embedding into the same language, has float32's ids.
  let identicalDecodes: Double

  /// What a precision made of the inputs.
  struct Outcome {
    let precision: Precision
    let embeddings: [[Float]]
    let decodes: [[TokenID]]

    init(_ model: SonarModel, _ inputs: [[TokenID]]) throws {
      precision = model.precision
      embeddings = try model.encode(inputs)
      let requests = zip(inputs, embeddings).map { input, embedding in
        Generator<CPUBackend>.Request(
          embedding: embedding, language: input[0], method: .greedy, maxTokens: input.count + 8)
      }
      var decodes = [[TokenID]](repeating: [], count: inputs.count)
      try model.generator.decode(requests) { decodes[$0] = $1.ids }
      self.decodes = decodes
    }
  }

  init(_ outcome: Outcome, reference: Outcome) {
    precision = outcome.precision.rawValue
    inputs = outcome.embeddings.count
    let cosines = zip(outcome.embeddings, reference.embeddings).map { Self.cosine($0, $1) }
    let errors = zip(outcome.embeddings, reference.embeddings).map { Self.relativeError($0, $1) }
    let count = Double(max(inputs, 1))
    meanCosine = cosines.reduce(0, +) / count
    worstCosine = cosines.min() ?? 1
    meanRelativeError = errors.reduce(0, +) / count
    worstRelativeError = errors.max() ?? 0
    identicalDecodes = Double(zip(outcome.decodes, reference.decodes).count { $0 == $1 }) / count
  }

  /// Sequences as sweeps have them: half are one token among fillers, half are lists of random pieces.
  static func inputs(_ count: Int, _ model: SonarModel) -> [[TokenID]] {
    var random = BenchRandom()
    let pieces = model.tokenizer.pieces
    return (0..<count).map { i in
      let language = model.config.languages[i % model.config.languages.count]
      var content: [TokenID]
      if i % 2 == 0 {
        content = Array(repeating: TokenID(random.next(in: pieces)), count: random.next(in: 2..<21))
        content[random.next(in: 0..<content.count)] = TokenID(random.next(in: pieces))
      } else {
        content = (0..<random.next(in: 1..<9)).map { _ in TokenID(random.next(in: pieces)) }
      }
      return [model.config.languageTokens[language] ?? Tokenizer.endOfSequence] + content + [Tokenizer.endOfSequence]
    }
  }

  private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
  }

  private static func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    let difference = zip(a, b).map { $0 - $1 }
    return (dot(difference, difference) / dot(b, b)).squareRoot()
  }

  private static func dot(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
