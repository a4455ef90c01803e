/// What is found of one mean path and the single ones it is the mean of.
struct PathFindings {
  private let path: PathRows.MeanPath
  private let single: [PathRows.SinglePath]
  private let labels: [String: String]
  private let geometry: PathGeometry
  /// Over single paths, by step.
  private let stepLengths: [StreamingMean]

  /// Orders tried for a p-value.
  private static let shuffles = 999

  init(_ path: PathRows.MeanPath, _ single: [PathRows.SinglePath], labels: [String: String]) {
    (self.path, self.single, self.labels) = (path, single, labels)
    geometry = PathGeometry(path.points)
    stepLengths = path.places.dropLast().map { place in
      var mean = StreamingMean()
      for path in single { if let length = path.lengths[place] { mean.add(length) } }
      return mean
    }
  }

  var findings: [Finding] { lengthFindings + angleFindings + trendFindings + circleFindings }

  func lengths(named name: String) -> LinePlot.Series {
    .init(
      name: name,
      points: stepLengths.enumerated().filter { $1.count > 0 }.map { i, mean in
        .init(x: path.xs[i], y: mean.mean, low: mean.interval?.low, high: mean.interval?.high)
      })
  }

  func plane(named name: String) -> ScatterPlot.Series? {
    geometry.plane().map { plane in
      .init(
        name: name, points: zip(plane.points, path.labels).map { .init(x: $0.x, y: $0.y, label: $1) }, isPath: true)
    }
  }

  private var lengthFindings: [Finding] {
    stepLengths.enumerated().filter { $1.count > 0 }.map { i, mean in
      Finding(
        question: "How far does the embedding move from one value of the axis to the next?", measure: "step_length",
        labels: labels.merging(["step": path.labels[i]]) { $1 }, value: mean.mean, interval: mean.interval,
        n: mean.count)
    }
  }

  private var angleFindings: [Finding] {
    var findings: [Finding] = []
    for (i, place) in path.places.enumerated().dropFirst().dropLast() {
      var mean = StreamingMean()
      for path in single { if let angle = path.angles[place] { mean.add(angle) } }
      guard mean.count > 0 else { continue }
      findings.append(
        Finding(
          question: "By how many degrees does the path turn here?", measure: "turning_angle",
          labels: labels.merging(["at": path.labels[i]]) { $1 }, value: mean.mean, interval: mean.interval,
          n: mean.count))
    }
    guard let angle = geometry.meanTurningAngle() else { return findings }
    let pValue = PermutationTest.pValue(n: geometry.steps, shuffles: Self.shuffles) {
      -(geometry.meanTurningAngle(order: $0) ?? 180)
    }
    findings.append(
      Finding(
        question: "Does the mean path turn less than the same steps in any order would?",
        measure: "mean_turning_angle", labels: labels, value: angle, pValue: pValue, n: geometry.steps - 1))
    return findings
  }

  private var trendFindings: [Finding] {
    // Of the places that have single paths at all.
    let steps = stepLengths.indices.filter { stepLengths[$0].count > 0 }
    let (means, xs) = (steps.map { stepLengths[$0].mean }, steps.map(Double.init))
    guard steps.count >= 3, let trend = Ranks.spearman(xs, means), let first = means.first, let last = means.last,
      first > 0
    else { return [] }
    let ranks = Ranks.ranks(means)
    let pValue = PermutationTest.pValue(n: steps.count) { order in
      abs(Ranks.pearson(xs, order.map { ranks[$0] }) ?? 0)
    }
    let ratioPValue = PermutationTest.pValue(n: steps.count) { order in
      let ends = (means[order[0]], means[order[order.count - 1]])
      return max(ends.0, ends.1) / max(min(ends.0, ends.1), .leastNormalMagnitude)
    }
    return [
      Finding(
        question: "Do steps get longer (1) or shorter (-1) along the axis?", measure: "spearman_step_length",
        labels: labels, value: trend, interval: interval { Ranks.spearman(xs, $0) ?? .nan }, pValue: pValue,
        n: steps.count),
      Finding(
        question: "How long is the last step, compared with the first?", measure: "step_length_ratio", labels: labels,
        value: last / first, interval: interval { $0[$0.count - 1] / $0[0] }, pValue: ratioPValue, n: steps.count),
    ]

    /// By resampling single paths.
    func interval(_ statistic: ([Double]) -> Double) -> Finding.Interval? {
      guard single.count >= 2 else { return nil }
      // Long sweeps have many paths; the first thousand bound the time.
      let paths = single.prefix(1000).map { path in steps.map { path.lengths[self.path.places[$0]] } }
      return Bootstrap.interval(n: paths.count) { indices in
        statistic(
          steps.indices.map { step in
            var (sum, count) = (0.0, 0.0)
            for i in indices { if let length = paths[i][step] { (sum, count) = (sum + length, count + 1) } }
            return sum / count
          })
      }
    }
  }

  private var circleFindings: [Finding] {
    guard let plane = geometry.plane(), let circle = geometry.circle() else { return [] }
    let pValue = PermutationTest.pValue(n: geometry.steps, shuffles: geometry.steps <= 64 ? Self.shuffles : 99) {
      -(geometry.circle(order: $0)?.error ?? .infinity)
    }
    let found = { (question: String, measure: String, value: Double, pValue: Double?) in
      Finding(
        question: question, measure: measure, labels: labels, value: value, pValue: pValue, n: path.points.count)
    }
    return [
      found("What share of the mean path's variance lies in a plane?", "plane_share", plane.share, nil),
      found("What is the radius of the circle nearest to the mean path?", "circle_radius", circle.fit.radius, nil),
      found(
        "How far is the mean path from that circle, for its size, and is that nearer than the same steps in any order?",
        "circle_error", circle.error, pValue),
      found("How many degrees of that circle does the mean path walk?", "circle_arc", circle.arc, nil),
    ]
  }
}
