import Foundation

/// The shape of a path: a sequence of vectors such as the mean embeddings of a token at each position.
package struct PathGeometry {
  /// Dot products of the steps, [steps, steps]: all that lengths, angles and the plane depend on.
  private let products: RealMatrix

  package init(_ points: [[Double]]) {
    let steps = RealMatrix(zip(points, points.dropFirst()).map { Vectors.difference($1, $0) })
    products = steps.timesTransposed(steps)
  }

  package var steps: Int { products.rows }

  package var stepLengths: [Double] { (0..<steps).map { max(products[$0, $0], 0).squareRoot() } }

  /// Between each step and the next, in degrees, 0 straight on; nil where a step has no length.
  package func turningAngles(order: [Int]? = nil) -> [Double?] {
    let order = order ?? Array(0..<steps)
    return zip(order, order.dropFirst()).map { a, b in
      let lengths = (products[a, a] * products[b, b]).squareRoot()
      guard lengths > 0 else { return nil }
      return acos(max(-1, min(1, products[a, b] / lengths))) * 180 / .pi
    }
  }

  package func meanTurningAngle(order: [Int]? = nil) -> Double? {
    let angles = turningAngles(order: order).compactMap { $0 }
    return angles.isEmpty ? nil : angles.reduce(0, +) / Double(angles.count)
  }

  /// The points in the plane of their first two principal components, with the share of their variance it holds; nil where
  /// there are fewer than three points or they do not span a plane.
  package func plane(order: [Int]? = nil) -> (points: [(x: Double, y: Double)], share: Double)? {
    guard steps >= 2 else { return nil }
    let order = order ?? Array(0..<steps)
    let n = steps + 1
    // Point i is the sum of the first i steps.
    var gram = RealMatrix(rows: n, columns: n)
    for i in 1..<n {
      for k in 1..<n {
        gram[i, k] =
          products[order[i - 1], order[k - 1]] + gram[i - 1, k] + gram[i, k - 1] - gram[i - 1, k - 1]
      }
    }
    let means = (0..<n).map { i in (0..<n).reduce(0) { $0 + gram[i, $1] } / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    var trace = 0.0
    for i in 0..<n {
      for k in 0..<n { gram[i, k] += mean - means[i] - means[k] }
      trace += gram[i, i]
    }
    guard trace > 0, let eigen = try? SymmetricEigen(gram, largest: 2), eigen.values.count == 2, eigen.values[1] > 0
    else { return nil }
    let scales = eigen.values.map { $0.squareRoot() }
    return (
      (0..<n).map { (eigen.vectors[0, $0] * scales[0], eigen.vectors[1, $0] * scales[1]) },
      min(1, (eigen.values[0] + eigen.values[1]) / trace)
    )
  }

  /// The circle nearest to the points in their plane, how far they are from it for their size (the root mean square
  /// distance over that to their mean), and the arc from the first to the last point in degrees.
  package func circle(order: [Int]? = nil) -> (fit: CircleFit, error: Double, arc: Double)? {
    guard let points = plane(order: order)?.points, let fit = CircleFit(points) else { return nil }
    let spread = (points.reduce(0) { $0 + $1.x * $1.x + $1.y * $1.y } / Double(points.count)).squareRoot()
    let angles = points.map { atan2($0.y - fit.y, $0.x - fit.x) }
    // Each turn is taken the short way round.
    let turned = zip(angles, angles.dropFirst()).reduce(0.0) { $0 + remainder($1.1 - $1.0, 2 * .pi) }
    return (fit, fit.residual / spread, abs(turned) * 180 / .pi)
  }
}
