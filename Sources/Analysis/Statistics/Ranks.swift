/// Rank statistics.
package enum Ranks {
  /// Ranks from 1; ties share the mean of theirs.
  package static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }

  /// Spearman's rank correlation (1904); nil where one side does not vary.
  package static func spearman(_ a: [Double], _ b: [Double]) -> Double? { pearson(ranks(a), ranks(b)) }

  /// Pearson's correlation; nil where one side does not vary.
  package static func pearson(_ a: [Double], _ b: [Double]) -> Double? {
    precondition(a.count == b.count)
    let n = Double(a.count)
    let (meanA, meanB) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      ab += (x - meanA) * (y - meanB)
      aa += (x - meanA) * (x - meanA)
      bb += (y - meanB) * (y - meanB)
    }
    guard aa > 0, bb > 0 else { return nil }
    return max(-1, min(1, ab / (aa * bb).squareRoot()))
  }

  /// The area under the ROC curve: how often a positive scores above a negative, ties counting half (Mann and Whitney,
  /// 1947). Nil where a class is missing.
  ///
  /// - Parameter weights: how often each counts, as in a resample; once where nil.
  package static func areaUnderCurve(
    _ scores: [Double], isPositive: [Bool], order: [Int]? = nil, weights: [Int]? = nil
  ) -> Double? {
    let order = order ?? scores.indices.sorted { scores[$0] < scores[$1] }
    var (positives, negatives, wins) = (0.0, 0.0, 0.0)
    var start = 0
    while start < order.count {
      var (end, tiedPositives, tiedNegatives) = (start, 0.0, 0.0)
      while end < order.count, scores[order[end]] == scores[order[start]] {
        let weight = Double(weights?[order[end]] ?? 1)
        if isPositive[order[end]] { tiedPositives += weight } else { tiedNegatives += weight }
        end += 1
      }
      wins += tiedPositives * (negatives + tiedNegatives / 2)
      positives += tiedPositives
      negatives += tiedNegatives
      start = end
    }
    return positives > 0 && negatives > 0 ? wins / (positives * negatives) : nil
  }
}
