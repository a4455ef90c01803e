import Analysis
import ResultStore

/// A figure's data as CSV (RFC 4180), one row per point, cell, bar or decode; all of them, also those not drawn.
enum FigureCSV {
  static func text(of content: Figure.Content) -> String {
    switch content {
    case .scatter(let plot): scatter(plot)
    case .lines(let plot):
      CSVText.rows(
        ["series", plot.x.label, plot.y.label, "low", "high"],
        plot.series.lazy.flatMap { series in
          series.points.lazy.map { [series.name, $0.x.csv, $0.y.csv, $0.low.csv, $0.high.csv] }
        })
    case .heatmap(let map):
      CSVText.rows(
        [map.rowTitle, map.columnTitle, map.valueTitle],
        zip(map.rows, map.values).lazy.flatMap { row, values in
          zip(map.columns, values).lazy.map { [row, $0, $1.csv] }
        })
    case .bars(let plot):
      CSVText.rows(
        [plot.categoryTitle, plot.value.label, "low", "high"],
        plot.bars.lazy.map { [$0.label, $0.value.csv, $0.low.csv, $0.high.csv] })
    case .decodes(let table):
      CSVText.rows(
        table.columns + ["expected", "decoded"], table.rows.lazy.map { $0.labels + [$0.expected ?? "", $0.text] })
    }
  }

  /// Points have a place; pair lines and arrows have a second one.
  private static func scatter(_ plot: ScatterPlot) -> String {
    let points = plot.series.lazy.flatMap { series in
      series.points.lazy.map { ["point", series.name, $0.label ?? "", $0.x.csv, $0.y.csv, "", ""] }
    }
    func links(_ links: [ScatterPlot.Link], _ element: String) -> some Sequence<[String]> {
      links.lazy.map { link in
        let label = [link.from.label, link.to.label].compactMap(\.self).joined(separator: " → ")
        return [element, "", label, link.from.x.csv, link.from.y.csv, link.to.x.csv, link.to.y.csv]
      }
    }
    let header = ["element", "series", "label", plot.x.label, plot.y.label, "to \(plot.x.label)", "to \(plot.y.label)"]
    return CSVText.rows(header, points) + CSVText.rows(nil, links(plot.links, "pair"))
      + CSVText.rows(nil, links(plot.arrows, "arrow"))
  }
}

extension CSVText {
  /// Rows below each other, after a header where there is one.
  static func rows(_ header: [String]?, _ rows: some Sequence<[String]>) -> String {
    var text = header.map(row) ?? ""
    for cells in rows { text += row(cells) }
    return text
  }
}

extension Double {
  /// In the fewest digits that give it back exactly; empty where it is no number.
  var csv: String { isFinite ? description : "" }
}

extension Double? {
  var csv: String { map(\.csv) ?? "" }
}
