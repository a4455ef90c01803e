import Foundation

/// L2-regularised logistic regression of two classes, as scikit-learn's: minimises ½|w|² + C Σ log(1 + exp(-y (w·x + b)))
/// with the intercept b left free. Newton's method, with steps halved until the loss falls.
package struct LogisticRegression: Hashable, Sendable {
  package let weights: [Double]
  package let intercept: Double

  /// - Parameters:
  ///   - rows: [n, dim].
  ///   - isPositive: the class of each row; both must occur.
  ///   - strength: C, the inverse of the regularisation.
  ///   - start: where to start from, such as the fit of another C.
  package init(_ rows: RealMatrix, isPositive: [Bool], strength: Double, start: LogisticRegression? = nil) throws {
    let (n, dim) = (rows.rows, rows.columns)
    // The intercept is a last weight of a constant 1 that is not regularised.
    var weights = (start?.weights ?? [Double](repeating: 0, count: dim)) + [start?.intercept ?? 0]
    let signs = isPositive.map { $0 ? 1.0 : -1.0 }
    var scores = Self.scores(rows, weights)
    var loss = Self.loss(scores, signs, weights, strength)
    for _ in 0..<100 {
      // p(1 - p) and the slope of each row's loss.
      let probabilities = zip(scores, signs).map { 1 / (1 + exp($0 * $1)) }
      var gradient = rows.transposedTimes(zip(probabilities, signs).map { -strength * $0 * $1 })
      gradient.append(zip(probabilities, signs).reduce(0) { $0 - strength * $1.0 * $1.1 })
      for j in 0..<dim { gradient[j] += weights[j] }
      if Vectors.norm(gradient) <= 1e-11 * max(1, strength * Double(n).squareRoot()) { break }
      let curvatures = probabilities.map { strength * $0 * (1 - $0) }
      let step = try PositiveDefinite.solve(Self.hessian(rows, curvatures), gradient)
      var (scale, isBetter) = (1.0, false)
      for _ in 0..<40 {
        let next = zip(weights, step).map { $0 - scale * $1 }
        let nextScores = Self.scores(rows, next)
        let nextLoss = Self.loss(nextScores, signs, next, strength)
        if nextLoss <= loss {
          isBetter = nextLoss < loss
          (weights, scores, loss) = (next, nextScores, nextLoss)
          break
        }
        scale /= 2
      }
      if !isBetter { break }
    }
    intercept = weights[dim]
    self.weights = Array(weights[..<dim])
  }

  /// w·x + b of each row, positive for the positive class.
  package func scores(_ rows: RealMatrix) -> [Double] { Self.scores(rows, weights + [intercept]) }

  private static func scores(_ rows: RealMatrix, _ weights: [Double]) -> [Double] {
    let bias = weights[rows.columns]
    return rows.times(Array(weights[..<rows.columns])).map { $0 + bias }
  }

  private static func loss(_ scores: [Double], _ signs: [Double], _ weights: [Double], _ strength: Double) -> Double {
    let data = zip(scores, signs).reduce(0.0) { sum, pair in
      let margin = pair.0 * pair.1
      // log(1 + exp(-margin)) without overflow.
      return sum + max(0, -margin) + log1p(exp(-abs(margin)))
    }
    let squares = weights.dropLast().reduce(0) { $0 + $1 * $1 }
    return squares / 2 + strength * data
  }

  /// I + C Xᵀ D X with the intercept's row and column, upper triangle.
  private static func hessian(_ rows: RealMatrix, _ curvatures: [Double]) -> RealMatrix {
    let dim = rows.columns
    var scaled = RealMatrix(rows: rows.rows, columns: dim + 1)
    for i in 0..<rows.rows {
      let root = curvatures[i].squareRoot()
      for j in 0..<dim { scaled.values[i * (dim + 1) + j] = root * rows.values[i * dim + j] }
      scaled.values[i * (dim + 1) + dim] = root
    }
    var hessian = RealMatrix(rows: dim + 1, columns: dim + 1)
    hessian.addGram(of: scaled)
    for j in 0..<dim { hessian[j, j] += 1 }
    // Keeps the intercept's row solvable where all rows are certain.
    hessian[dim, dim] += 1e-12
    return hessian
  }
}
