import Analysis
import Foundation

extension Drawing {
  private static let mostPoints = 4000
  private static let mostLinks = 2000
  private static let mostLabels = 60

  /// Points by series, grey lines between pairs, paths, and arrows above all.
  init(_ plot: ScatterPlot) {
    let ends = (plot.links + plot.arrows).flatMap { [$0.from, $0.to] }
    let points = plot.series.flatMap(\.points) + ends
    let x = Scale(
      bounds: bounds(points.lazy.map(\.x), positive: plot.x.isLogarithmic), isLogarithmic: plot.x.isLogarithmic,
      padding: 0.06)
    let y = Scale(
      bounds: bounds(points.lazy.map(\.y), positive: plot.y.isLogarithmic), isLogarithmic: plot.y.isLogarithmic,
      padding: 0.06)
    let isEqual = plot.hasEqualScales && !plot.x.isLogarithmic && !plot.y.isLogarithmic
    let frame =
      isEqual
      ? PlotFrame(equalX: x, xTitle: plot.x.label, y: y, yTitle: plot.y.label, heights: 150...440)
      : PlotFrame(x: x, xTitle: plot.x.label, y: y, yTitle: plot.y.label, height: 320)
    body = frame.body
    drawLinks(plot.links, frame)
    var labels = LabelPlacement(area: Box(left: 0, top: 0, right: Drawing.width, bottom: frame.area.bottom + 4))
    drawSeries(plot.series, frame, &labels)
    for arrow in plot.arrows { drawArrow(arrow, frame, &labels) }
    let legend = Legend(plot.series.map(\.name), top: frame.bottom) { Mark.legend($0, at: $1) }
    body += legend.body
    height = legend.bottom + 2
  }

  private mutating func drawLinks(_ links: [ScatterPlot.Link], _ frame: PlotFrame) {
    let kept = Thinning.evenly(links.filter { frame.shows($0.from) && frame.shows($0.to) }, limit: Self.mostLinks)
    guard !kept.isEmpty else { return }
    let path: [Markup] = kept.map { link in
      let (from, to) = (frame.place(link.from), frame.place(link.to))
      return "M\(from.x) \(from.y)L\(to.x) \(to.y)"
    }
    body += #"<path class="pair" d="\#(path)"/>"# + "\n"
    note(Thinning.note(kept.count, of: links.count, "pair lines"))
  }

  private mutating func drawSeries(_ series: [ScatterPlot.Series], _ frame: PlotFrame, _ labels: inout LabelPlacement) {
    let shown = series.map { $0.points.filter(frame.shows) }
    let shares = Thinning.shares(shown.map(\.count), limit: Self.mostPoints)
    let kept = zip(shown, shares).map { Thinning.evenly($0, limit: max(2, $1)) }
    let count = kept.reduce(0) { $0 + $1.count }
    let radius = count > 1000 ? 1.8 : count > 200 ? 2.4 : 3.2
    for (i, points) in kept.enumerated() where !points.isEmpty {
      if series[i].isPath { drawPath(i, points, frame) }
      let marks: [Markup] = points.map { Mark.draw(i, at: frame.place($0), radius: radius, title: $0.label) }
      body +=
        #"<g class="\#(Palette.fill(i))" fill-opacity="\#(Markup(verbatim: count > 200 ? "0.75" : "1"))">\#(marks)</g>"#
        + "\n"
      for point in points where count <= 400 { labels.block(frame.place(point), radius: radius) }
    }
    drawLabels(zip(series, kept).map { ($0.isPath, $1) }, frame, &labels)
    let total = series.reduce(0) { $0 + $1.points.count }
    note(Thinning.note(count, of: shown.reduce(0) { $0 + $1.count }, "points"))
    let lost = total - shown.reduce(0) { $0 + $1.count }
    if lost > 0 { note("\(NumberText.grouped(lost)) points have no place on these axes.") }
  }

  private mutating func drawPath(_ series: Int, _ points: [ScatterPlot.Point], _ frame: PlotFrame) {
    let path: [Markup] = points.enumerated().map { i, point in
      let place = frame.place(point)
      return "\(Markup(verbatim: i == 0 ? "M" : "L"))\(place.x) \(place.y)"
    }
    body += #"<path class="\#(Palette.line(series))" stroke-width="1.4" stroke-linejoin="round" d="\#(path)"/>"# + "\n"
  }

  /// The ends of paths first, then what else has a name, if that is not too much.
  private mutating func drawLabels(
    _ series: [(isPath: Bool, points: [ScatterPlot.Point])], _ frame: PlotFrame, _ labels: inout LabelPlacement
  ) {
    let ends = series.filter(\.isPath).flatMap { [$0.points.first, $0.points.last].compactMap(\.self) }
    let all = series.flatMap(\.points).filter { $0.label != nil }
    let isCrowded = all.count > Self.mostLabels
    let steps = series.filter(\.isPath).flatMap { Thinning.evenly($0.points, limit: 8) }
    var seen: Set<ScatterPlot.Point> = []
    for point in Thinning.evenly(ends, limit: 40) + (isCrowded ? steps : all).prefix(2 * Self.mostLabels) {
      guard let text = point.label, seen.insert(point).inserted else { continue }
      let short = TextWidth.fitted(text, size: Self.smallFontSize, within: 150)
      if let label = labels.label(short, at: frame.place(point)) { body += label }
    }
  }

  private mutating func drawArrow(_ arrow: ScatterPlot.Link, _ frame: PlotFrame, _ labels: inout LabelPlacement) {
    guard frame.shows(arrow.from), frame.shows(arrow.to) else { return }
    let (from, to) = (frame.place(arrow.from), frame.place(arrow.to))
    let length = hypot(to.x - from.x, to.y - from.y)
    guard length > 0.5 else { return }
    let (ux, uy) = ((to.x - from.x) / length, (to.y - from.y) / length)
    let (head, half) = (min(10, length), min(5, length / 2))
    let base = Place(x: to.x - ux * head, y: to.y - uy * head)
    let shaft: Markup = "M\(from.x) \(from.y)L\(base.x) \(base.y)"
    body += #"<path class="under" d="\#(shaft)"/><path class="arrow" d="\#(shaft)"/>"# + "\n"
    body +=
      #"<path class="ink" d="M\#(to.x) \#(to.y)L\#(base.x - uy * half) \#(base.y + ux * half)L\#(base.x + uy * half) \#(base.y - ux * half)z"/>"#
      + "\n"
    for point in [arrow.from, arrow.to] {
      if let text = point.label, let label = labels.label(text, at: frame.place(point)) { body += label }
    }
  }

  mutating func note(_ text: String?) { if let text { notes.append(text) } }
}

extension PlotFrame {
  fileprivate func shows(_ point: ScatterPlot.Point) -> Bool { x.shows(point.x) && y.shows(point.y) }
  fileprivate func place(_ point: ScatterPlot.Point) -> Place { Place(x: x(point.x), y: y(point.y)) }
}
