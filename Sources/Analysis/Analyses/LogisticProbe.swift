import Foundation

/// A linear probe for classes: one logistic regression for two classes, one against the rest for each of more.
package struct LogisticProbe {
  private let models: [LogisticRegression]
  private let classes: Int

  package init(
    _ rows: RealMatrix, _ ids: [Int], classes: Int, strength: Double, start: LogisticProbe? = nil
  ) throws {
    self.classes = classes
    models = try (classes == 2 ? [1] : Array(0..<classes)).enumerated().map { i, positive in
      try LogisticRegression(
        rows, isPositive: ids.map { $0 == positive }, strength: strength, start: start?.models[i])
    }
  }

  /// Towards the second class from the first, of two.
  package var weights: [Double] { models[models.count - 1].weights }

  /// One row per model, [models, n].
  package func scores(_ rows: RealMatrix) -> [[Double]] { models.map { $0.scores(rows) } }

  /// The class with the largest score.
  package func predict(_ scores: [[Double]]) -> [Int] {
    guard let first = scores.first else { return [] }
    guard classes > 2 else { return first.map { $0 > 0 ? 1 : 0 } }
    return first.indices.map { i in
      (0..<classes).max { scores[$0][i] < scores[$1][i] } ?? 0
    }
  }

  /// The mean logarithmic loss of scores, summed over models.
  package func loss(_ scores: [[Double]], _ ids: [Int]) -> Double {
    var sum = 0.0
    for (i, model) in scores.enumerated() {
      let positive = classes == 2 ? 1 : i
      for (score, id) in zip(model, ids) {
        let margin = id == positive ? score : -score
        sum += max(0, -margin) + log1p(exp(-abs(margin)))
      }
    }
    return sum / Double(max(ids.count, 1))
  }

  /// Values of C tried, over the rows' variance.
  package static let strengths = [1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3]
  private static let innerFolds = 3

  /// The C with the least loss over folds of these rows, of `strengths` over the variance of all; the smaller of two equal
  /// ones. Folds without rows of every class are left out.
  package static func bestStrength(_ data: ClassifiedRows, _ indices: [Int]) throws -> Double {
    let classes = data.names.count
    var losses = [Double](repeating: 0, count: strengths.count)
    for fold in 0..<innerFolds {
      // Other bits of the hash than the outer folds'.
      let isTest = { (i: Int) in Int(SeededGenerator.hash(data.groups[i]) >> 32 % UInt64(innerFolds)) == fold }
      let (train, test) = (indices.filter { !isTest($0) }, indices.filter(isTest))
      guard Set(train.map { data.classes[$0] }).count == classes, !test.isEmpty else { continue }
      let (trainRows, testRows) = (data.rows.rows(train), data.rows.rows(test))
      var probe: LogisticProbe?
      for (k, strength) in strengths.enumerated() {
        let fitted = try LogisticProbe(
          trainRows, train.map { data.classes[$0] }, classes: classes, strength: strength / data.variance,
          start: probe)
        losses[k] += fitted.loss(fitted.scores(testRows), test.map { data.classes[$0] }) * Double(test.count)
        probe = fitted
      }
    }
    let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    return strengths[best] / data.variance
  }
}
