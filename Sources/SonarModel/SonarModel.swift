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
  public static let batchRows = 128

  /// - Parameters:
  ///   - threads: how many threads a matrix product may use.
  ///   - cache: where packed weights are kept and shared with other processes; nil keeps them in this one's memory.
  public init(
    _ directory: ModelDirectory, precision: Precision = .fp32, threads: Int = 1, cache: WeightCache? = nil
  ) throws {
    self.directory = directory
    config = try directory.config()
    tokenizer = try directory.tokenizer(config: config)
    let packed = try cache?.file(for: directory.fingerprint(precision, cache: cache))
    let backend = try CPUBackend(precision: precision, threads: threads, storage: packed ?? PrivateStorage())
    let file = try Safetensors(contentsOf: directory.url.appending(path: "model.safetensors"))
    let loader = WeightLoader(backend: backend, file: file, config: config)
    encoder = try TextEncoder(loader)
    decoder = try TextDecoder(loader)
    packed?.finish()
    generator = Generator(decoder, maximumRows: Self.batchRows)
  }

  public var precision: Precision { decoder.precision }

  /// Embeddings of any number of sequences, in order, encoded in batches of at most `batchTokens` tokens (or one
  /// sequence). Sequences lie one after the other without padding, so it does not matter which lengths are together.
  public func encode(_ sequences: [[TokenID]]) throws -> [[Float]] {
    try encode(sequences, statesOf: sequences.map { _ in [] }).map(\.embedding)
  }

  /// The same with states of some of each sequence's tokens.
  ///
  /// - Parameter rows: per sequence the tokens whose states are wanted, 0 the language token; each below its length.
  public func encode(_ sequences: [[TokenID]], statesOf rows: [[Int]]) throws -> [EncodedSequence] {
    var encoded: [EncodedSequence] = []
    encoded.reserveCapacity(sequences.count)
    for batch in Self.batches(of: sequences) {
      encoded += try encoder.encode(Array(sequences[batch]), statesOf: Array(rows[batch]))
    }
    return encoded
  }

  /// As few batches as `batchTokens` allows, of about equal size.
  private static func batches(of sequences: [[TokenID]]) -> [Range<Int>] {
    let total = sequences.reduce(0) { $0 + $1.count }
    let target = total / max(1, (total + batchTokens - 1) / batchTokens)
    var batches: [Range<Int>] = []
    var (start, tokens) = (0, 0)
    for (i, sequence) in sequences.enumerated() {
      if i > start, tokens >= target || tokens + sequence.count > batchTokens {
        batches.append(start..<i)
        (start, tokens) = (i, 0)
      }
      tokens += sequence.count
    }
    return start < sequences.count ? batches + [start..<sequences.count] : batches
  }

  /// All logits, [vocabulary], of the token after `ids` (prompt included).
  public func logits(embedding: [Float], after ids: [TokenID]) throws -> [Float] {
    try decoder.logits(embedding: embedding, after: ids)
  }
}
