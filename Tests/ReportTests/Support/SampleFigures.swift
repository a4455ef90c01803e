import Analysis
import Foundation
import TestSupport

/// A figure of every kind, as analyses ask for them.
enum SampleFigures {
  static func all() -> [Figure] { [pairs(), paths(), curve(), success(), rates(), decodes()] }

  static func pairs(_ count: Int = 300) -> Figure {
    var random = SplitMix64(seed: 1)
    func noise() -> Double { Double.random(in: -1...1, using: &random) + Double.random(in: -1...1, using: &random) }
    let english = (0..<count).map { ScatterPlot.Point(x: noise(), y: noise() / 2, label: "s\($0)") }
    let spanish = english.map {
      ScatterPlot.Point(x: $0.x + 1.2 + noise() / 9, y: $0.y + 0.7 + noise() / 9, label: $0.label)
    }
    func centre(_ points: [ScatterPlot.Point], _ label: String) -> ScatterPlot.Point {
      let n = Double(points.count)
      return .init(x: points.map(\.x).reduce(0, +) / n, y: points.map(\.y).reduce(0, +) / n, label: label)
    }
    let plot = ScatterPlot(
      x: PlotAxis("component 1 (23.1% of the variance)"), y: PlotAxis("component 2 (11.8%)"),
      series: [.init(name: "eng_Latn", points: english), .init(name: "spa_Latn", points: spanish)],
      links: zip(english, spanish).map { ScatterPlot.Link(from: $0, to: $1) },
      arrows: [.init(from: centre(english, "mean eng_Latn"), to: centre(spanish, "mean spa_Latn"))])
    return Figure(
      name: "pairs", title: "English and Spanish sentences in the plane of their first two components",
      caption: "Each grey line joins a sentence with its translation; the arrow goes from mean to mean.",
      content: .scatter(plot))
  }

  static func paths(_ tokens: Int = 3) -> Figure {
    let series = (0..<tokens).map { token in
      ScatterPlot.Series(
        name: ["dog", "cat", "speak"][token % 3] + (token < 3 ? "" : " \(token)"),
        points: (0..<20).map { i in
          let angle = 2.6 * (1 - exp(-Double(i) / 6)) + Double(token) / 4
          return .init(x: cos(angle) * (1 + 0.1 * Double(token)), y: sin(angle), label: String(i))
        }, isPath: true)
    }
    return Figure(
      name: "paths", title: "Paths over positions", caption: "Numbers are positions of the token among fillers.",
      content: .scatter(ScatterPlot(x: PlotAxis("component 1"), y: PlotAxis("component 2"), series: series)))
  }

  static func curve() -> Figure {
    let series = ["repeated tokens", "random tokens", "text"].enumerated().map { i, name in
      LinePlot.Series(
        name: name,
        points: stride(from: 2.0, through: 32, by: 2).map { length in
          let rate = 1 / (1 + exp((length - 24 + 4 * Double(i)) / 3))
          return .init(x: length, y: rate, low: max(0, rate - 0.05), high: min(1, rate + 0.05))
        })
    }
    return Figure(
      name: "length", title: "Exact round trips by length", caption: "Bars are 95% Wilson intervals.",
      content: .lines(LinePlot(x: PlotAxis("tokens"), y: PlotAxis("share of exact round trips"), series: series)))
  }

  static func success(rows: Int = 6, columns: Int = 6) -> Figure {
    let fillers = ["_", "the", "and", "a bit", "house", "comemos"]
    let names = { (count: Int) in (0..<count).map { $0 < 6 ? fillers[$0] : "filler \($0)" } }
    func value(_ i: Int, _ j: Int) -> Double {
      if i == 2, j == 3 { return .nan }
      return i == j ? 0.97 : Double((i * 7 + j * 5) % 11) / 15
    }
    let values = (0..<rows).map { i in (0..<columns).map { value(i, $0) } }
    return Figure(
      name: "success", title: "Shifts that work", caption: "Taken under the row's filler, added under the column's.",
      content: .heatmap(
        Heatmap(
          rowTitle: "taken from", columnTitle: "added to", valueTitle: "exact match rate", rows: names(rows),
          columns: names(columns), values: values, range: 0...1)))
  }

  static func rates(_ count: Int = 5) -> Figure {
    let labels = [
      "target=eng_Latn, filler=_", "target=spa_Latn, filler=_", "grammatical", "comemos arroz y carne con pan", "5",
    ]
    let bars = (0..<count).map { (i: Int) -> BarPlot.Bar in
      let share = 1 / Double(i + 1)
      let label = labels[i % 5] + (i < 5 ? "" : " \(i)")
      return .init(label: label, value: 0.9 * share, low: 0.8 * share, high: 0.95 * share)
    }
    return Figure(
      name: "rates", title: "Exact match rate", caption: "Bars are 95% Wilson intervals.",
      content: .bars(
        BarPlot(categoryTitle: "target, filler", value: PlotAxis("exact match rate"), bars: bars, range: 0...1)))
  }

  static func decodes() -> Figure {
    let rows: [DecodeTable.Row] = [
      .init(labels: ["dog", "3"], expected: "the dog sees a small cat", text: "the dog sees the small house"),
      .init(labels: ["cat", "4"], expected: "a cat", text: "a cat"),
      .init(
        labels: ["speak", "12"],
        expected: "_ _ _ _ _ _ _ _ _ _ _ _ speak _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _",
        text: "_ _ _ _ _ _ _ _ _ _ _ dog _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _"),
      .init(labels: ["<b>&", "0"], expected: nil, text: "a \"quoted\" <script>alert(1)</script> text\0"),
    ]
    return Figure(
      name: "decodes", title: "Decodes that missed", caption: "Words that differ are marked.",
      content: .decodes(DecodeTable(columns: ["token", "position"], rows: rows)))
  }
}
