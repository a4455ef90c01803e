import Foundation
import TensorKernels

/// A loaded model: tokenizer, encoder and decoder. Belongs to one thread.
public final class SonarModel {
  public let directory: ModelDirectory
  public let config: ModelConfig
  public let tokenizer: Tokenizer
  public let encoder: TextEncoder<CPUBackend>
  public let decoder: TextDecoder<CPUBackend>
  public let generator: Generator<CPUBackend>

  /// How many tokens are encoded, and how many hypotheses decoded, together: large enough to keep matrix products at
  /// their best rate, small enough to stay in cache.
  public static let batchTokens = 512
  public static let batchRows = 64

  /// - Parameter threads: how many threads a matrix product may use.
  public init(_ directory: ModelDirectory, threads: Int = 1) throws {
    self.directory = directory
    config = try directory.config()
    tokenizer = try directory.tokenizer(config: config)
    let backend = try CPUBackend(threads: threads)
    let file = try Safetensors(contentsOf: directory.url.appending(path: "model.safetensors"))
    let loader = WeightLoader(backend: backend, file: file, config: config)
    encoder = try TextEncoder(loader)
    decoder = try TextDecoder(loader)
    generator = Generator(decoder, maximumRows: Self.batchRows)
  }

  /// Embeddings of any number of sequences, in order, encoded in batches of about `batchTokens` tokens.
  public func encode(_ sequences: [[TokenID]]) throws -> [[Float]] {
    var embeddings: [[Float]] = []
    embeddings.reserveCapacity(sequences.count)
    var batch: [[TokenID]] = []
    var tokens = 0
    for sequence in sequences {
      if !batch.isEmpty, tokens + sequence.count > Self.batchTokens {
        embeddings += try encoder.encode(batch)
        (batch, tokens) = ([], 0)
      }
      batch.append(sequence)
      tokens += sequence.count
    }
    return try batch.isEmpty ? embeddings : embeddings + encoder.encode(batch)
  }

  /// All logits, [vocabulary], of the token after `ids` (prompt included).
  public func logits(embedding: [Float], after ids: [TokenID]) throws -> [Float] {
    try decoder.logits(embedding: embedding, after: ids)
  }
}
