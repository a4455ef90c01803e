import SweepSpec

/// Which dimensions a set of difference vectors share: whether a shift lives in a few of them.
///
/// Keys: `class` (an axis or attribute) with `plus` and `minus` (two of its values): one difference of means for each
/// combination of the values of `by`. Without them, each value's mean less that of all; of two values their difference.
/// `top` (5% of the dimensions): how many dimensions, by absolute value, stand for a vector. `array`, `select`.
public struct Dimensions: Analysis {
  public static let name = "dimensions"
  public static let summary = "the dimensions that difference vectors share, against chance"

  var classes: String
  var plus: String?
  var minus: String?
  var by: [String]
  var top: Int?
  var rows: RowChoice

  private enum CodingKeys: String, CodingKey {
    case classes = "class"
    case plus, minus, by, top, rows
  }

  public init?(reading mapping: YAMLMapping, of job: Job) {
    let names = Labels(of: job).names(ofDecodes: false)
    let classes = mapping.required("class", "the axis or attribute whose values' means are compared").flatMap {
      $0.choice(names)
    }
    let by = mapping.labels("by", job)
    let rows = RowChoice(reading: mapping, of: job)
    let top = mapping.optional("top").map { $0.integer(in: 1...job.spec.model.dim) }
    let ends = [mapping.optional("plus"), mapping.optional("minus")]
    guard let classes, let by, let rows, top.map({ $0 != nil }) ?? true, let label = Labels(of: job).label(classes)
    else {
      return nil
    }
    guard (ends[0] == nil) == (ends[1] == nil) else {
      mapping.report("give both 'plus' and 'minus', or neither")
      return nil
    }
    let words = ends.compactMap { end -> String? in
      guard let end, let word = end.word() else { return nil }
      if label.id(of: word) == nil { end.report("'\(word)' is no value of '\(classes)', such as '\(label.value(0))'") }
      return label.id(of: word) == nil ? nil : word
    }
    guard ends[0] == nil || words.count == 2 else { return nil }
    self.init(class: classes, plus: words.first, minus: words.last, by: by, top: top ?? nil, rows: rows)
  }

  package init(
    class classes: String, plus: String? = nil, minus: String? = nil, by: [String] = [], top: Int? = nil,
    rows: RowChoice = RowChoice()
  ) {
    (self.classes, self.plus, self.minus, self.by, self.top, self.rows) = (classes, plus, minus, by, top, rows)
  }

  public static func suggested(for job: Job) -> [Dimensions] {
    let labels = Labels(of: job)
    if let position = job.sweep.axes.first(where: { $0.name == "position" && $0.count >= 2 }) {
      let by = job.sweep.axes.filter { ["token", "filler"].contains($0.name) && $0.count > 1 }
      guard !by.isEmpty, by.reduce(1, { $0 * $1.count }) <= 1024 else { return [] }
      return [
        Dimensions(
          class: "position", plus: position.label(at: 1), minus: position.label(at: 0), by: by.map(\.name))
      ]
    }
    if let language = job.sweep.axes.first(where: { $0.name == "language" && $0.count >= 2 }) {
      let by = job.sweep.axes.filter { $0.name != "language" && $0.count > 1 }
      guard by.reduce(1, { $0 * $1.count }) <= 1024 else { return [] }
      return [
        Dimensions(
          class: "language", plus: language.label(at: 1), minus: language.label(at: 0), by: by.map(\.name))
      ]
    }
    return labels.all.filter { $0.isAttribute && $0.name == "label" && (2...64).contains($0.count) }.map {
      Dimensions(class: $0.name)
    }
  }

  public func run(on run: RunData) throws -> AnalysisResult { try answer(rows.rows(run)) }

  package func answer(_ units: UnitRows) throws -> AnalysisResult {
    let vectors = try differences(units)
    guard !vectors.isEmpty else {
      throw AnalysisError("dimensions needs units that are done of two values of '\(classes)'")
    }
    let shared = SharedDimensions(RealMatrix(vectors), top: min(units.dim, top ?? max(1, units.dim / 20)))
    var labels = rows.labels.merging(["class": classes]) { $1 }
    if !by.isEmpty { labels["by"] = by.joined(separator: ",") }
    if let plus, let minus { labels.merge(["plus": plus, "minus": minus]) { $1 } }
    return AnalysisResult(
      findings: shared.findings(labels), figures: [shared.figure(named: FigureName.of("dimensions", classes))])
  }

  private func differences(_ units: UnitRows) throws -> [[Double]] {
    let label = try units.labels.find(classes)
    let grouping = try Grouping(units.labels.find(by))
    var means = try GroupMeans(groups: grouping.count * label.count, dim: units.dim)
    try units.forEachUnit { unit, row in
      means.add(row, to: grouping.id(unit.coordinates) * label.count + label.id(at: unit.coordinates[label.axis]))
    }
    let ends = try [minus, plus].map { value in
      try value.map { value in
        guard let id = label.id(of: value) else { throw AnalysisError("'\(value)' is no value of '\(classes)'") }
        return id
      }
    }
    return (0..<grouping.count).flatMap { group -> [[Double]] in
      let values = (0..<label.count).map { means.mean(group * label.count + $0) }
      if let from = ends[0], let to = ends[1] {
        guard let start = values[from], let end = values[to] else { return [] }
        return [Vectors.difference(end, start)]
      }
      let known = values.compactMap { $0 }
      guard known.count > 2 else { return known.count == 2 ? [Vectors.difference(known[1], known[0])] : [] }
      let mean = Vectors.mean(known)
      return known.map { Vectors.difference($0, mean) }
    }
  }
}
