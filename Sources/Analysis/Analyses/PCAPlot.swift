import Foundation
import SweepSpec

/// The plane of the first two principal components: a sample of units, with links and an arrow between centroids.
struct PCAPlot {
  private static let mostPoints = 2000

  private struct Entry {
    let unit: UnitRows.Unit
    let rest: UInt64
    let projection: [Double]
  }

  private let principal: PrincipalComponents
  private let series: Label?
  private let links: Label?
  private let labels: Labels
  private var entries: [Entry] = []
  /// The same units, along all components.
  private(set) var sample: [(projection: [Double], squaredNorm: Double)] = []
  /// Of the first two values of `links`, in the plane, over all units.
  private var centroids: [(count: Double, sum: [Double])] = [(0, [0, 0]), (0, [0, 0])]

  init(
    _ principal: PrincipalComponents, _ units: UnitRows, _ grouping: Grouping, _ group: Int, series: String?,
    links: String?
  ) throws {
    self.principal = principal
    labels = units.labels
    self.series = try series.map(units.labels.find)
    let links = try links.map(units.labels.find)
    self.links = links
    let shape = units.labels.shape
    let linked = links.map { [$0.axis] } ?? []
    let sampled = Sample(Self.mostPoints / (links?.count ?? 1), of: UInt64(principal.count / (links?.count ?? 1)))
    try units.forEachUnit { unit, row in
      guard grouping.id(unit.coordinates) == group else { return }
      let rest = unit.rest(without: linked, shape)
      let link = links.map { $0.id(at: unit.coordinates[$0.axis]) }
      let isSampled = sampled.contains(rest)
      guard isSampled || link.map({ $0 < 2 }) == true else { return }
      let projection = principal.project(row)
      if let link, link < 2 {
        centroids[link].count += 1
        for k in 0..<min(2, projection.count) { centroids[link].sum[k] += projection[k] }
      }
      guard isSampled else { return }
      entries.append(Entry(unit: unit, rest: rest, projection: projection))
      let squares = zip(row, principal.mean).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
      sample.append((projection, squares))
    }
  }

  /// Nil where there is no second component.
  func figure(named name: String, _ grouping: Grouping) -> Figure? {
    guard principal.variances.count >= 2 else { return nil }
    let percent = principal.ratios.map { String(format: "%.1f%%", $0 * 100) }
    let plot = ScatterPlot(
      x: PlotAxis("PC1 (\(percent[0]))"), y: PlotAxis("PC2 (\(percent[1]))"), series: plotSeries, links: plotLinks,
      arrows: arrows)
    let shown =
      entries.count < principal.count ? "A sample of \(entries.count) of \(principal.count)" : "All \(principal.count)"
    return Figure(
      name: name, title: "The plane of the first two principal components",
      caption:
        "\(shown) units; the plane holds \(String(format: "%.1f%%", (principal.ratios[0] + principal.ratios[1]) * 100))"
        + " of the variance.\(links.map { " Lines join units that differ only in \($0.name)." } ?? "")",
      content: .scatter(plot))
  }

  private func point(_ entry: Entry) -> ScatterPlot.Point {
    let label = labels.all.filter { !$0.isAttribute && $0.name != Labels.target && $0.count > 1 }
      .map { $0.value($0.id(at: entry.unit.coordinates[$0.axis])) }
    return ScatterPlot.Point(x: entry.projection[0], y: entry.projection[1], label: label.joined(separator: ", "))
  }

  private var plotSeries: [ScatterPlot.Series] {
    guard let series else { return [.init(name: "units", points: entries.map(point))] }
    let groups = Dictionary(grouping: entries) { series.id(at: $0.unit.coordinates[series.axis]) }
    return groups.keys.sorted().map { .init(name: series.value($0), points: (groups[$0] ?? []).map(point)) }
  }

  private var plotLinks: [ScatterPlot.Link] {
    guard let links else { return [] }
    let groups = Dictionary(grouping: entries, by: \.rest)
    return groups.keys.sorted().flatMap { rest -> [ScatterPlot.Link] in
      let ordered = (groups[rest] ?? []).sorted {
        $0.unit.coordinates[links.axis] < $1.unit.coordinates[links.axis]
      }
      return zip(ordered, ordered.dropFirst()).map { .init(from: point($0), to: point($1)) }
    }
  }

  private var arrows: [ScatterPlot.Link] {
    guard links != nil, centroids.allSatisfy({ $0.count > 0 }) else { return [] }
    let ends = centroids.map { ScatterPlot.Point(x: $0.sum[0] / $0.count, y: $0.sum[1] / $0.count) }
    return [.init(from: ends[0], to: ends[1])]
  }
}
