import SweepSpec

/// Whether the nearest class centroid, of units in other folds, tells a unit's class.
///
/// Keys: `class` (an axis or attribute), `group` (units that share its value are tested together; by default those that
/// differ only in class), `folds` (5), `array`, `select`.
public struct Centroids: Analysis {
  public static let name = "centroids"
  public static let summary = "the accuracy of the nearest class centroid, cross-validated"

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
    let classes = mapping.required("class", "the axis or attribute to tell, as language").flatMap { $0.choice(names) }
    let group = mapping.optional("group").map { $0.choice(names) }
    let folds = mapping.count("folds", in: 2...100, default: 5)
    let rows = RowChoice(reading: mapping, of: job)
    guard let classes, group.map({ $0 != nil }) ?? true, let folds, let rows else { return nil }
    (self.classes, self.group, self.folds, self.rows) = (classes, group ?? nil, folds, rows)
  }

  package init(class classes: String, group: String? = nil, folds: Int = 5, rows: RowChoice = RowChoice()) {
    (self.classes, self.group, self.folds, self.rows) = (classes, group, folds, rows)
  }

  public static func suggested(for job: Job) -> [Centroids] {
    UnitGroups.suggested(for: job).map { Centroids(class: $0.class, group: $0.group) }
  }

  public func run(on run: RunData) throws -> AnalysisResult { try answer(rows.rows(run)) }

  package func answer(_ units: UnitRows) throws -> AnalysisResult {
    let label = try units.labels.find(classes)
    let groups = try UnitGroups(units.labels, class: label, group: group)
    let (folds, classCount) = (Folds(folds), label.count)
    var means = try GroupMeans(groups: folds.count * classCount, dim: units.dim)
    try units.forEachUnit { unit, row in
      let fold = folds.fold(ofGroup: groups.id(unit))
      means.add(row, to: fold * classCount + label.id(at: unit.coordinates[label.axis]))
    }
    let centroids = (0..<folds.count).map { Self.centroids(means, leavingOut: $0, of: folds.count, classCount) }
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: classCount)
    try units.forEachUnit { unit, row in
      let fold = folds.fold(ofGroup: groups.id(unit))
      if let found = Self.nearest(row, centroids[fold]) {
        confusion[label.id(at: unit.coordinates[label.axis])][found] += 1
      }
    }
    let seen = (0..<classCount).filter { confusion[$0].reduce(0, +) > 0 }
    guard seen.count >= 2 else {
      throw AnalysisError("centroids needs units that are done of two values of '\(classes)'")
    }
    return AnalysisResult(
      findings: findings(confusion, seen, label) + distances(means, folds.count, seen, label),
      figures: [figure(confusion, seen, label)])
  }

  /// Of each class, from the units outside a fold; nil of a class without any.
  private static func centroids(_ means: GroupMeans, leavingOut fold: Int?, of folds: Int, _ classes: Int)
    -> [[Double]?]
  {
    (0..<classes).map { id in
      let kept = (0..<folds).filter { $0 != fold }.map { $0 * classes + id }
      let count = kept.reduce(0) { $0 + means.counts[$1] }
      guard count > 0 else { return nil }
      let sum = kept.map(means.sum).reduce([Double](repeating: 0, count: means.dim), Vectors.sum)
      return Vectors.scaled(sum, by: 1 / Double(count))
    }
  }

  private static func nearest(_ row: UnsafeBufferPointer<Float>, _ centroids: [[Double]?]) -> Int? {
    var best: (id: Int, distance: Double)?
    for (id, centroid) in centroids.enumerated() {
      guard let centroid else { continue }
      var distance = 0.0
      for j in centroid.indices { distance += (Double(row[j]) - centroid[j]) * (Double(row[j]) - centroid[j]) }
      if best.map({ distance < $0.distance }) ?? true { best = (id, distance) }
    }
    return best?.id
  }

  private func findings(_ confusion: [[Int]], _ seen: [Int], _ label: Label) -> [Finding] {
    let labels = rows.labels.merging(["class": classes]) { $1 }
    let n = confusion.flatMap { $0 }.reduce(0, +)
    let right = seen.reduce(0) { $0 + confusion[$1][$1] }
    let largest = seen.map { confusion[$0].reduce(0, +) }.max() ?? 0
    var findings = [
      Finding(
        question: "Does the nearest centroid tell the class?", measure: "accuracy", labels: labels,
        value: Double(right) / Double(n), interval: Wilson.interval(right, of: n), n: n),
      Finding(
        question: "How often would guessing the largest class be right?", measure: "chance", labels: labels,
        value: Double(largest) / Double(n), n: n),
    ]
    for id in seen where seen.count <= 64 {
      let count = confusion[id].reduce(0, +)
      findings.append(
        Finding(
          question: "How often is the nearest centroid right for units of this class?", measure: "class_accuracy",
          labels: labels.merging(["value": label.value(id)]) { $1 }, value: Double(confusion[id][id]) / Double(count),
          interval: Wilson.interval(confusion[id][id], of: count), n: count))
    }
    return findings
  }

  private func distances(_ means: GroupMeans, _ folds: Int, _ seen: [Int], _ label: Label) -> [Finding] {
    guard seen.count <= 16 else { return [] }
    let centroids = Self.centroids(means, leavingOut: nil, of: folds, label.count)
    return seen.flatMap { a in
      seen.filter { $0 > a }.compactMap { b -> Finding? in
        guard let first = centroids[a], let second = centroids[b] else { return nil }
        let n = (0..<folds).reduce(0) { $0 + means.counts[$1 * label.count + a] + means.counts[$1 * label.count + b] }
        return Finding(
          question: "How far apart are two classes' centroids?", measure: "centroid_distance",
          labels: rows.labels.merging(["class": classes, "from": label.value(a), "to": label.value(b)]) { $1 },
          value: Vectors.distance(first, second), n: n)
      }
    }
  }

  private func figure(_ confusion: [[Int]], _ seen: [Int], _ label: Label) -> Figure {
    let shown = Array(seen.prefix(64))
    let names = shown.map(label.value)
    return Figure(
      name: FigureName.of("confusion", classes), title: "The nearest centroid's answers, by \(classes)",
      caption: "Each row: the share of a class's units that each class was found for, over \(folds) folds.",
      content: .heatmap(
        Heatmap(
          rowTitle: classes, columnTitle: "found", valueTitle: "share", rows: names, columns: names,
          values: shown.map { row in
            let count = Double(confusion[row].reduce(0, +))
            return shown.map { Double(confusion[row][$0]) / count }
          }, range: 0...1)))
  }
}
