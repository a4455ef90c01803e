/// Plain operations on vectors of doubles.
package enum Vectors {
  package static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  package static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

  package static func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }

  package static func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }

  package static func scaled(_ a: [Double], by factor: Double) -> [Double] { a.map { $0 * factor } }

  /// The Euclidean distance.
  package static func distance(_ a: [Double], _ b: [Double]) -> Double { norm(difference(a, b)) }

  /// Nil where one is zero.
  package static func cosine(_ a: [Double], _ b: [Double]) -> Double? {
    let norms = norm(a) * norm(b)
    return norms > 0 ? dot(a, b) / norms : nil
  }

  /// The mean of vectors of one length; `vectors` must not be empty.
  package static func mean(_ vectors: [[Double]]) -> [Double] {
    scaled(vectors.dropFirst().reduce(vectors[0], sum), by: 1 / Double(vectors.count))
  }
}
