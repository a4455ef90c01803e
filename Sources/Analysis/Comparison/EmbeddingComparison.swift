import Foundation
import ResultStore
import SweepSpec

/// How far the embeddings of the same units differ between two runs.
public struct EmbeddingComparison: Encodable, Sendable {
  public let run: String
  /// Why the embeddings cannot be compared; nil where they can.
  public let reason: String?
  /// Units that are done in both.
  public let units: Int
  public let meanCosine: Double?
  public let leastCosine: Double?
  /// The labels of the unit with the least cosine.
  public let leastAlike: String?
  public let maxAbsDifference: Double?
  /// |a - b| / |a|, on average.
  public let meanRelativeDifference: Double?

  init(_ first: (job: Job, directory: URL), _ other: (job: Job, directory: URL)) throws {
    run = other.job.id.rawValue
    var reason = RunComparison.difference(first.job, other.job)
    let dims = (first.job.spec.model.dim, other.job.spec.model.dim)
    if reason == nil, dims.0 != dims.1 { reason = "embeddings have \(dims.0) and \(dims.1) values" }
    self.reason = reason
    var sums = Sums()
    if reason == nil {
      let others = try ArrayReader("embedding", of: other.job, in: other.directory)
      try ArrayReader("embedding", of: first.job, in: first.directory).forEachBlock(limit: 4096) { units, values in
        let size = values.count / units.count
        try others.forEachBlock(in: units) { part, otherValues in
          for (i, unit) in part.enumerated() {
            let start = Int(unit - units.lowerBound) * size
            sums.add(unit, values[start..<start + size], otherValues[i * size..<(i + 1) * size])
          }
        }
      }
    }
    units = sums.units
    let hasUnits = sums.units > 0
    meanCosine = hasUnits ? sums.cosine / Double(sums.units) : nil
    leastCosine = hasUnits ? sums.least.cosine : nil
    leastAlike = hasUnits ? first.job.sweep.label(of: sums.least.unit) : nil
    maxAbsDifference = hasUnits ? sums.maxAbsDifference : nil
    meanRelativeDifference = hasUnits ? sums.relative / Double(sums.units) : nil
  }

  private struct Sums {
    var units = 0
    var cosine = 0.0
    var relative = 0.0
    var maxAbsDifference = 0.0
    var least: (cosine: Double, unit: UnitIndex) = (.infinity, 0)

    /// Leaves a unit out that is not done in both, whose values are NaN.
    mutating func add(_ unit: UnitIndex, _ a: Slice<UnsafeBufferPointer<Float>>, _ b: Slice<UnsafeBufferPointer<Float>>)
    {
      guard a.first?.isNaN == false, b.first?.isNaN == false else { return }
      var (dot, squaresA, squaresB, squares, most) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (x, y) in zip(a, b) {
        let (x, y) = (Double(x), Double(y))
        dot += x * y
        squaresA += x * x
        squaresB += y * y
        squares += (x - y) * (x - y)
        most = max(most, abs(x - y))
      }
      let cosine =
        squaresA > 0 && squaresB > 0 ? dot / (squaresA * squaresB).squareRoot() : squaresA == squaresB ? 1 : 0
      units += 1
      self.cosine += cosine
      relative += squaresA > 0 ? (squares / squaresA).squareRoot() : squares > 0 ? 1 : 0
      maxAbsDifference = max(maxAbsDifference, most)
      if cosine < least.cosine { least = (cosine, unit) }
    }
  }
}
