import ResultStore
import SweepSpec

/// Rates of decodes that were as expected, by group.
package struct SuccessRates {
  package let grouping: Grouping
  private let shape: [Int]
  private let selected: [Set<Int>?]
  private let targets: Label?
  private var exact: [Int]
  private var counts: [Int]
  private var errors: [CountedRatio]

  package init(_ labels: Labels, by: [String], select: Selection) throws {
    grouping = try Grouping(labels.find(by))
    shape = Array(labels.shape[..<labels.sweepAxes])
    selected = try select.indices(labels).map { $0.map(Set.init) }
    targets = labels.label(Labels.target)
    exact = [Int](repeating: 0, count: grouping.count)
    counts = exact
    errors = [CountedRatio](repeating: CountedRatio(), count: grouping.count)
  }

  package mutating func add(_ outcome: DecodeOutcome) throws {
    guard let target = targets?.id(of: outcome.target) else { return }
    var (coordinates, rest) = ([Int](repeating: 0, count: shape.count + 1), outcome.unit)
    for i in shape.indices.reversed() {
      coordinates[i] = Int(rest % UInt64(shape[i]))
      rest /= UInt64(shape[i])
    }
    coordinates[shape.count] = target
    guard zip(selected, coordinates).allSatisfy({ $0?.contains($1) ?? true }) else { return }
    let group = grouping.id(coordinates)
    counts[group] += 1
    exact[group] += outcome.isExact ? 1 : 0
    errors[group].add(outcome.tokenErrors, over: outcome.expectedTokens)
  }

  /// Groups with decodes, by number.
  private var groups: [Int] { counts.indices.filter { counts[$0] > 0 } }

  package func findings(_ labels: [String: String]) -> [Finding] {
    groups.flatMap { group -> [Finding] in
      let labels = labels.merging(grouping.describe(group)) { $1 }
      let rate = Finding(
        question: "Does decoding give exactly the expected tokens?", measure: "exact_match_rate", labels: labels,
        value: rate(group), interval: Wilson.interval(exact[group], of: counts[group]), n: counts[group])
      guard let errorRate = errors[group].value else { return [rate] }
      return [
        rate,
        Finding(
          question: "How many token errors are there per expected token?", measure: "token_error_rate", labels: labels,
          value: errorRate, interval: errors[group].interval(), n: counts[group]),
      ]
    }
  }

  private func rate(_ group: Int) -> Double { Double(exact[group]) / Double(counts[group]) }

  /// - Parameter note: what was selected, for the title.
  package func figures(named name: String, note: String) -> [Figure] {
    let by = grouping.labels
    let title = by.isEmpty ? "Exact matches" : "Exact matches by \(by.map(\.name).joined(separator: " and "))"
    let total = counts.reduce(0, +)
    let content: Figure.Content
    switch by.count {
    case 1 where by[0].isNumeric && groups.count > 2: content = .lines(curve(by[0]))
    case 1 where groups.count <= Self.mostBars: content = .bars(bars(by[0]))
    case 2 where by[0].count <= Self.mostCells && by[1].count <= Self.mostCells:
      content = .heatmap(matrix(by[0], by[1]))
    default: return []
    }
    return [
      Figure(
        name: name, title: title + note,
        caption: "The share of \(total) decodes that gave exactly the expected tokens"
          + (by.count == 1 ? ", with 95% Wilson intervals." : "."), content: content)
    ]
  }

  private func curve(_ label: Label) -> LinePlot {
    let points = groups.compactMap { group -> LinePlot.Point? in
      let interval = Wilson.interval(exact[group], of: counts[group])
      return label.number(group).map { .init(x: $0, y: rate(group), low: interval.low, high: interval.high) }
    }
    return LinePlot(
      x: PlotAxis(label.name), y: PlotAxis("exact-match rate"),
      series: [.init(name: "exact match", points: points.sorted { $0.x < $1.x })])
  }

  private func bars(_ label: Label) -> BarPlot {
    BarPlot(
      categoryTitle: label.name, value: PlotAxis("exact-match rate"),
      bars: groups.map { group in
        let interval = Wilson.interval(exact[group], of: counts[group])
        return .init(label: label.value(group), value: rate(group), low: interval.low, high: interval.high)
      }, range: 0...1)
  }

  private func matrix(_ rows: Label, _ columns: Label) -> Heatmap {
    Heatmap(
      rowTitle: rows.name, columnTitle: columns.name, valueTitle: "exact-match rate",
      rows: (0..<rows.count).map(rows.value), columns: (0..<columns.count).map(columns.value),
      values: (0..<rows.count).map { row in
        (0..<columns.count).map { column in
          let group = row * columns.count + column
          return counts[group] > 0 ? rate(group) : .nan
        }
      }, range: 0...1)
  }

  private static let mostBars = 64
  private static let mostCells = 128
}
