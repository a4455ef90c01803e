import FleetProtocol
import Foundation
import SonarModel
import TensorKernels

/// How long a case's matrix products alone take: the limit that oneDNN sets.
struct BenchLimit {
  /// Layers whose weights are made and used in turn; as many as no cache holds of a large model.
  private static let layers = 4

  private let model: SonarModel
  private let threads: Int

  init(_ model: SonarModel, threads: Int) {
    self.model = model
    self.threads = threads
  }

  /// Seconds of the products of one run of a case; the best of several tries. Decoding counts a step per token, without
  /// the cross-attention constants and the second prompt token.
  func seconds(of benchCase: BenchCase) throws -> Double {
    let config = model.config
    switch benchCase {
    case .encode(let sequences, let tokens):
      let batches = max(1, (sequences * tokens + SonarModel.batchTokens - 1) / SonarModel.batchTokens)
      return Double(batches * config.encoderLayers) * (try layerSeconds(rows: sequences * tokens / batches))
    case .decode(let inFlight): return try decodeSeconds(rows: inFlight)
    case .beam(let size, let inFlight): return try decodeSeconds(rows: size * inFlight)
    }
  }

  private func decodeSeconds(rows: Int) throws -> Double {
    let config = model.config
    let steps = (rows + SonarModel.batchRows - 1) / SonarModel.batchRows
    let rows = rows / steps
    let vocabulary = BareProducts.Map(inputs: config.modelDim, outputs: 8192)
    let panels = Double(config.vocabularySize) / Double(vocabulary.outputs)
    let projection = try time(Array(repeating: vocabulary, count: Self.layers), rows: rows) / Double(Self.layers)
    let layers = Double(config.decoderLayers) * (try layerSeconds(rows: rows))
    return Double(steps * BenchCase.tokensPerDecode) * (layers + panels * projection)
  }

  /// Of one layer's self-attention and feed-forward maps.
  private func layerSeconds(rows: Int) throws -> Double {
    let (dim, inner) = (model.config.modelDim, model.config.feedForwardDim)
    let layer: [BareProducts.Map] = [
      .init(inputs: dim, outputs: 3 * dim), .init(inputs: dim, outputs: dim), .init(inputs: dim, outputs: inner),
      .init(inputs: inner, outputs: dim),
    ]
    return try time((0..<Self.layers).flatMap { _ in layer }, rows: rows) / Double(Self.layers)
  }

  private func time(_ maps: [BareProducts.Map], rows: Int) throws -> Double {
    let products = try BareProducts(precision: model.precision, threads: threads, maps: maps, rows: rows)
    try products.run(rows: rows)
    var (best, tries) = (Double.infinity, 0)
    let end = ContinuousClock.now + .milliseconds(300)
    while tries < 3 || ContinuousClock.now < end {
      let start = ContinuousClock.now
      try products.run(rows: rows)
      best = min(best, (ContinuousClock.now - start).seconds)
      tries += 1
    }
    return best
  }
}
