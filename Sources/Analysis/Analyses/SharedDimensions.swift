/// The dimensions that stand for each of a set of vectors, and how far the vectors agree on them.
struct SharedDimensions {
  private let vectors: RealMatrix
  private let top: Int
  /// Of each vector, whether a dimension is among its top ones.
  private let isTop: [[Bool]]
  /// Of how many vectors each dimension is among the top ones.
  private let counts: [Int]

  init(_ vectors: RealMatrix, top: Int) {
    (self.vectors, self.top) = (vectors, top)
    isTop = (0..<vectors.rows).map { i in
      let row = vectors.row(i)
      let order = row.indices.sorted { (abs(row[$0]), $1) > (abs(row[$1]), $0) }
      var flags = [Bool](repeating: false, count: row.count)
      for j in order.prefix(top) { flags[j] = true }
      return flags
    }
    counts = (0..<vectors.columns).map { [isTop] j in isTop.count { $0[j] } }
  }

  private var count: Int { vectors.rows }
  private var dim: Int { vectors.columns }

  /// Dimensions among the top ones of at least half of the vectors.
  private var shared: [Int] { counts.indices.filter { 2 * counts[$0] >= count } }

  func findings(_ labels: [String: String]) -> [Finding] {
    let found = {
      (question: String, measure: String, value: Double, interval: Finding.Interval?, pValue: Double?) in
      Finding(
        question: question, measure: measure, labels: labels.merging(["top": String(top)]) { $1 }, value: value,
        interval: interval, pValue: pValue, n: count)
    }
    var findings = [
      found(
        "What share of a vector's squared norm do its own top dimensions hold?", "top_norm_share",
        mean(normShares { isTop[$0][$1] }), Bootstrap.interval(ofMean: normShares { isTop[$0][$1] }), nil)
    ]
    guard count >= 2 else { return findings }
    let isShared = Set(shared)
    let weights = [Int](repeating: 1, count: count)
    findings += [
      found(
        "What share of their top dimensions do two vectors have in common?", "top_overlap", overlap(weights),
        resampled(overlap), overlapPValue),
      found("What share would they have in common by chance?", "chance_overlap", Double(top) / Double(dim), nil, nil),
      found(
        "How many dimensions are among the top ones of at least half of the vectors?", "shared_dimensions",
        Double(shared.count), nil, nil),
      found(
        "What share of a vector's squared norm do these dimensions hold?", "shared_norm_share",
        mean(normShares { isShared.contains($1) }), Bootstrap.interval(ofMean: normShares { isShared.contains($1) }),
        nil),
      found(
        "What share would as many dimensions hold by chance?", "chance_norm_share", Double(shared.count) / Double(dim),
        nil, nil),
      found("How alike are two of the vectors?", "mean_cosine", cosine(weights), resampled(cosine), nil),
    ]
    return findings
  }

  func figure(named name: String) -> Figure {
    let ranked = counts.indices.sorted { (counts[$0], $1) > (counts[$1], $0) }.prefix(24).filter { counts[$0] > 0 }
    let bars = ranked.map { j -> BarPlot.Bar in
      let interval = Wilson.interval(counts[j], of: count)
      return .init(
        label: String(j), value: Double(counts[j]) / Double(count), low: interval.low, high: interval.high)
    }
    return Figure(
      name: name, title: "Dimensions that stand out in most vectors",
      caption:
        "The share of \(count) vectors whose \(top) largest dimensions include it; by chance it would be \(top) of \(dim).",
      content: .bars(
        BarPlot(categoryTitle: "dimension", value: PlotAxis("share of vectors"), bars: bars, range: 0...1)))
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private func normShares(_ isCounted: (_ vector: Int, _ dimension: Int) -> Bool) -> [Double] {
    (0..<count).map { i in
      var (inside, all) = (0.0, 0.0)
      for j in 0..<dim {
        let square = vectors[i, j] * vectors[i, j]
        all += square
        if isCounted(i, j) { inside += square }
      }
      return all > 0 ? inside / all : 0
    }
  }

  /// The mean over pairs of different vectors, each counting as often as it is in the resample.
  private func overlap(_ weights: [Int]) -> Double {
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    var common = 0
    for j in 0..<dim {
      var (sum, own) = (0, 0)
      for i in 0..<count where isTop[i][j] {
        sum += weights[i]
        own += weights[i] * weights[i]
      }
      common += sum * sum - own
    }
    let total = weights.reduce(0, +)
    return Double(common) / Double(top * (total * total - squares))
  }

  private func cosine(_ weights: [Int]) -> Double {
    let norms = (0..<count).map { Vectors.norm(vectors.row($0)) }
    let scaled = vectors.transposedTimes(zip(weights, norms).map { $1 > 0 ? Double($0) / $1 : 0 })
    let squares = zip(weights, norms).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.0 : 0) }
    let total = zip(weights, norms).reduce(0) { $0 + ($1.1 > 0 ? $1.0 : 0) }
    return (Vectors.dot(scaled, scaled) - Double(squares)) / Double(total * total - squares)
  }

  /// By resampling vectors.
  private func resampled(_ statistic: ([Int]) -> Double) -> Finding.Interval? {
    var random = SeededGenerator(seed: 1)
    return Bootstrap.interval(
      of: (0..<Bootstrap.resamples / 4).map { _ in
        var weights = [Int](repeating: 0, count: count)
        for _ in 0..<count { weights[random.index(below: count)] += 1 }
        // One vector drawn every time makes no pairs.
        return weights.contains(count) ? .nan : statistic(weights)
      })
  }

  /// How likely such an overlap is if every vector's top dimensions were drawn by chance: exact (hypergeometric) for two
  /// vectors, else by drawing them.
  private var overlapPValue: Double {
    let pairs = { (counts: [Int]) in counts.reduce(0) { $0 + $1 * ($1 - 1) } }
    guard count > 2 else {
      return Hypergeometric.upperTail(counts.count { $0 == 2 }, drawn: top, marked: top, of: dim)
    }
    let draws = count * top > 4000 ? 999 : PermutationTest.shuffles
    let seen = pairs(counts)
    var random = SeededGenerator(seed: 1)
    var dimensions = Array(0..<dim)
    var extreme = 1
    for _ in 0..<draws {
      var drawn = [Int](repeating: 0, count: dim)
      for _ in 0..<count {
        for i in 0..<top {
          dimensions.swapAt(i, i + random.index(below: dim - i))
          drawn[dimensions[i]] += 1
        }
      }
      if pairs(drawn) >= seen { extreme += 1 }
    }
    return Double(extreme) / Double(draws + 1)
  }
}
