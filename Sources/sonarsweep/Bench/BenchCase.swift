import ArgumentParser
import Foundation
import SonarModel
import TensorKernels

/// One thing `bench` measures, as it is named on the command line: `encode-32x20`, `decode-128`, `beam-5x8`.
enum BenchCase: Hashable, ExpressibleByArgument, CustomStringConvertible {
  /// Sequences of so many tokens, language token and `</s>` included, encoded together.
  case encode(sequences: Int, tokens: Int)
  /// So many embeddings decoded greedily together, `tokensPerDecode` tokens each.
  case decode(inFlight: Int)
  /// So many embeddings decoded together by beam search.
  case beam(size: Int, inFlight: Int)

  static let tokensPerDecode = 20

  static let standard: [Self] = [
    .encode(sequences: 32, tokens: 20), .encode(sequences: 128, tokens: 10), .encode(sequences: 1, tokens: 20),
    .decode(inFlight: 1), .decode(inFlight: 32), .decode(inFlight: 128), .beam(size: 5, inFlight: 8),
  ]

  init?(argument: String) {
    let parts = argument.split(separator: "-", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let numbers = parts[1].split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard numbers.allSatisfy({ (1...4096).contains($0) }) else { return nil }
    switch (parts[0], numbers.count) {
    case ("encode", 2) where numbers[1] >= 3: self = .encode(sequences: numbers[0], tokens: numbers[1])
    case ("decode", 1): self = .decode(inFlight: numbers[0])
    case ("beam", 2) where numbers[0] <= 64: self = .beam(size: numbers[0], inFlight: numbers[1])
    default: return nil
    }
  }

  var description: String {
    switch self {
    case .encode(let sequences, let tokens): "encode-\(sequences)x\(tokens)"
    case .decode(let inFlight): "decode-\(inFlight)"
    case .beam(let size, let inFlight): "beam-\(size)x\(inFlight)"
    }
  }

  /// What a rate counts.
  var unit: String { if case .encode = self { "sentences/s" } else { "tokens/s" } }

  /// Prepares the case's input; what comes back does the work once and returns what it made, in `unit`s.
  func prepare(_ model: SonarModel) throws -> () throws -> Int {
    switch self {
    case .encode(let sequences, let tokens):
      guard tokens <= model.config.maxSourceTokens else {
        throw CommandError("\(self): the encoder takes at most \(model.config.maxSourceTokens) tokens")
      }
      let inputs = Self.sequences(sequences, of: tokens, model)
      return { try model.encode(inputs).count }
    case .decode(let inFlight): return try decode(.greedy, inFlight, model)
    case .beam(let size, let inFlight): return try decode(.beam(size: size), inFlight, model)
    }
  }

  private func decode(_ method: DecodingMethod, _ inFlight: Int, _ model: SonarModel) throws -> () throws -> Int {
    let language = try model.tokenizer.token(of: model.config.languages[0])
    let requests = try model.encode(Self.sequences(inFlight, of: Self.tokensPerDecode, model)).map {
      Generator<CPUBackend>.Request(embedding: $0, language: language, method: method, maxTokens: Self.tokensPerDecode)
    }
    return {
      var tokens = 0
      try model.generator.decode(requests) { tokens += $1.ids.count }
      return tokens
    }
  }

  /// Random content between a language token and `</s>`, the same in every run.
  private static func sequences(_ count: Int, of tokens: Int, _ model: SonarModel) -> [[TokenID]] {
    var random = BenchRandom()
    let pieces = model.tokenizer.pieces
    return (0..<count).map { i in
      let language = model.config.languageTokens[model.config.languages[i % model.config.languages.count]]
      let content = (0..<tokens - 2).map { _ in TokenID(random.next(in: pieces)) }
      return [language ?? Tokenizer.endOfSequence] + content + [Tokenizer.endOfSequence]
    }
  }
}
