import SweepSpec

/// Whether a linear probe tells a class from the embedding: L2-regularised logistic regression.
///
/// Keys: `class` (an axis or attribute), `group` (units that share its value are tested together; by default those that
/// differ only in class), `folds` (5), `array`, `select`. Every fold is tested with a probe of the others, whose strength
/// of regularisation was chosen by cross-validation among the others alone.
public struct Logistic: Analysis {
  public static let name = "logistic"
  public static let summary = "a logistic-regression probe for a class: accuracy, AUC and silhouette"

  var classes: String
  var group: String?
  var folds: Int
  var rows: RowChoice

  private enum CodingKeys: String, CodingKey {
    case classes = "class"
    case group, folds, rows
  }

  public init?(reading mapping: YAMLMapping, of job: Job) {
    let names = Labels(of: job).names(ofDecodes: false)
    let classes = mapping.required("class", "the axis or attribute to tell, as label").flatMap { $0.choice(names) }
    let group = mapping.optional("group").map { $0.choice(names) }
    let folds = mapping.count("folds", in: 2...100, default: 5)
    let rows = RowChoice(reading: mapping, of: job)
    guard let classes, group.map({ $0 != nil }) ?? true, let folds, let rows else { return nil }
    self.init(class: classes, group: group ?? nil, folds: folds, rows: rows)
  }

  package init(class classes: String, group: String? = nil, folds: Int = 5, rows: RowChoice = RowChoice()) {
    (self.classes, self.group, self.folds, self.rows) = (classes, group, folds, rows)
  }

  public static func suggested(for job: Job) -> [Logistic] {
    UnitGroups.suggested(for: job).map { Logistic(class: $0.class, group: $0.group) }
  }

  /// The probe's weight direction, of unit length, from the first value of the class towards the second, [dim]; the
  /// strength of regularisation is chosen by cross-validation.
  ///
  /// - Parameter select: the values of axes and attributes to look at; leaves two values of the class.
  public static func weightDirection(
    of run: RunData, class name: String, group: String? = nil, array: String = "embedding",
    select: [String: [String]] = [:]
  ) throws -> [Float] {
    let data = try ClassifiedRows(
      UnitRows(run, array: array, select: Selection(select)), class: name, group: group)
    guard data.names.count == 2 else {
      throw AnalysisError("'\(name)' has \(data.names.count) values; a direction has two: select them")
    }
    let probe = try LogisticProbe(
      data.rows, data.classes, classes: 2,
      strength: LogisticProbe.bestStrength(data, Array(0..<data.count)))
    let norm = Vectors.norm(probe.weights)
    guard norm > 0 else { throw AnalysisError("the probe for '\(name)' has no direction: its weights are zero") }
    return probe.weights.map { Float($0 / norm) }
  }

  public func run(on run: RunData) throws -> AnalysisResult { try answer(rows.rows(run)) }

  package func answer(_ units: UnitRows) throws -> AnalysisResult {
    let data = try ClassifiedRows(units, class: classes, group: group)
    let tested = try test(data)
    let labels = rows.labels.merging(["class": classes]) { $1 }
    let n = tested.indices.count
    let right = tested.right.count(where: { $0 })
    let ids = tested.indices.map { data.classes[$0] }
    let largest = data.names.indices.map { id in ids.count { $0 == id } }.max() ?? 0
    var findings = [
      Finding(
        question: "Does a linear probe tell the class?", measure: "accuracy", labels: labels,
        value: Double(right) / Double(n), interval: Wilson.interval(right, of: n), n: n),
      Finding(
        question: "How often would guessing the largest class be right?", measure: "chance", labels: labels,
        value: Double(largest) / Double(n), n: n),
      Finding(
        question: "Which strength of regularisation (C) does cross-validation choose?", measure: "regularisation",
        labels: labels, value: try LogisticProbe.bestStrength(data, Array(0..<data.count)), n: data.count),
    ]
    findings += areas(tested, ids, data.names, labels)
    findings.append(silhouette(data, labels))
    return AnalysisResult(findings: findings, figures: [figure(tested, ids, data.names, findings)])
  }

  /// Rows that were tested by a probe of other folds, their scores [models, n], and whether the class found is theirs.
  private struct Tested {
    var indices: [Int] = []
    var scores: [[Double]] = []
    var right: [Bool] = []
  }

  private func test(_ data: ClassifiedRows) throws -> Tested {
    let folds = Folds(folds)
    var tested = Tested()
    for fold in 0..<folds.count {
      let all = Array(0..<data.count)
      let test = all.filter { folds.fold(ofGroup: data.groups[$0]) == fold }
      let train = all.filter { folds.fold(ofGroup: data.groups[$0]) != fold }
      guard !test.isEmpty, Set(train.map { data.classes[$0] }).count == data.names.count else { continue }
      let strength = try LogisticProbe.bestStrength(data, train)
      let probe = try LogisticProbe(
        data.rows.rows(train), train.map { data.classes[$0] }, classes: data.names.count, strength: strength)
      let scores = probe.scores(data.rows.rows(test))
      tested.right += zip(probe.predict(scores), test).map { $0 == data.classes[$1] }
      tested.indices += test
      if tested.scores.isEmpty { tested.scores = scores.map { _ in [] } }
      for (i, model) in scores.enumerated() { tested.scores[i] += model }
    }
    guard !tested.indices.isEmpty else {
      throw AnalysisError("logistic needs units of every value of '\(classes)' in at least two folds")
    }
    return tested
  }

  private func areas(_ tested: Tested, _ ids: [Int], _ names: [String], _ labels: [String: String]) -> [Finding] {
    tested.scores.enumerated().compactMap { i, scores -> Finding? in
      let positive = names.count == 2 ? 1 : i
      let isPositive = ids.map { $0 == positive }
      let order = scores.indices.sorted { scores[$0] < scores[$1] }
      guard let area = Ranks.areaUnderCurve(scores, isPositive: isPositive, order: order) else { return nil }
      var random = SeededGenerator(seed: 1)
      let interval = Bootstrap.interval(
        of: (0..<Bootstrap.resamples).map { _ in
          var weights = [Int](repeating: 0, count: scores.count)
          for _ in scores { weights[random.index(below: scores.count)] += 1 }
          return Ranks.areaUnderCurve(scores, isPositive: isPositive, order: order, weights: weights) ?? .nan
        })
      return Finding(
        question: "How often does a unit of this class score above one of another?", measure: "auc",
        labels: names.count == 2 ? labels : labels.merging(["value": names[i]]) { $1 }, value: area, interval: interval,
        n: scores.count)
    }
  }

  /// Beyond, a sample: it takes the square of distances.
  private static let mostSilhouettes = 2000

  private func silhouette(_ data: ClassifiedRows, _ labels: [String: String]) -> Finding {
    var indices = Array(0..<data.count)
    if indices.count > Self.mostSilhouettes {
      var random = SeededGenerator(seed: 1)
      random.shuffle(&indices)
      indices = indices.prefix(Self.mostSilhouettes).sorted()
    }
    let values = Silhouette.values(data.rows.rows(indices), indices.map { data.classes[$0] })
    return Finding(
      question: "How much nearer is a unit to its own class than to the next (1), or farther (-1)?",
      measure: "silhouette", labels: labels, value: values.reduce(0, +) / Double(values.count),
      interval: Bootstrap.interval(ofMean: values), n: values.count)
  }

  private func figure(_ tested: Tested, _ ids: [Int], _ names: [String], _ findings: [Finding]) -> Figure {
    var bars = [bar("all", findings[0].value, findings[0].interval)]
    for (id, name) in names.enumerated() {
      let own = ids.indices.filter { ids[$0] == id }
      guard !own.isEmpty else { continue }
      let right = own.count { tested.right[$0] }
      bars.append(bar(name, Double(right) / Double(own.count), Wilson.interval(right, of: own.count)))
    }
    return Figure(
      name: FigureName.of("accuracy", classes), title: "A linear probe for \(classes)",
      caption: "Accuracy on \(ids.count) units in folds the probe has not seen, with 95% Wilson intervals.",
      content: .bars(BarPlot(categoryTitle: classes, value: PlotAxis("accuracy"), bars: bars, range: 0...1)))
  }

  private func bar(_ label: String, _ value: Double, _ interval: Finding.Interval?) -> BarPlot.Bar {
    .init(label: label, value: value, low: interval?.low, high: interval?.high)
  }
}
