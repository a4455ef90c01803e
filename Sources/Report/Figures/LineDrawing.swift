import Analysis

extension Drawing {
  private static let mostLinePoints = 400
  private static let mostLineSeries = 28

  /// A value with its interval at each x: bars where there are few, a band where they would touch.
  init(_ plot: LinePlot) {
    let points = plot.series.flatMap(\.points)
    let values = points.flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] }
    let frame = PlotFrame(
      x: Scale(
        bounds: bounds(points.lazy.map(\.x), positive: plot.x.isLogarithmic), isLogarithmic: plot.x.isLogarithmic,
        padding: 0.03),
      xTitle: plot.x.label,
      y: Scale(
        bounds: bounds(values, positive: plot.y.isLogarithmic), isLogarithmic: plot.y.isLogarithmic, padding: 0.05),
      yTitle: plot.y.label, height: 270)
    body = frame.body
    let drawn = Array(plot.series.prefix(Self.mostLineSeries))
    let kept = drawn.map { Thinning.evenly($0.points.filter { frame.x.shows($0.x) }, limit: Self.mostLinePoints) }
    for (i, points) in kept.enumerated() { drawInterval(i, points, frame) }
    for (i, points) in kept.enumerated() { drawLine(i, points, frame) }
    note(Thinning.note(kept.reduce(0) { $0 + $1.count }, of: points.count, "values"))
    let legend = Legend(drawn.map(\.name), top: frame.bottom) { Mark.legend($0, at: $1) }
    body += legend.body
    height = legend.bottom + 2
  }

  private mutating func drawInterval(_ series: Int, _ points: [LinePlot.Point], _ frame: PlotFrame) {
    let bounded: [(x: Double, low: Double, high: Double)] = points.compactMap { point in
      guard let low = point.low, let high = point.high, frame.y.shows(low), frame.y.shows(high) else { return nil }
      return (frame.x(point.x), frame.y(low), frame.y(high))
    }
    if bounded.count > 40 {
      let edge: [Markup] = bounded.map { "L\($0.x) \($0.high)" } + bounded.reversed().map { "L\($0.x) \($0.low)" }
      guard let first = bounded.first else { return }
      body +=
        #"<path class="\#(Palette.fill(series))" fill-opacity="0.18" d="M\#(first.x) \#(first.low)\#(edge)z"/>"# + "\n"
    } else if !bounded.isEmpty {
      let bars: [Markup] = bounded.map {
        "M\($0.x) \($0.low)L\($0.x) \($0.high)M\($0.x - 3) \($0.low)h6M\($0.x - 3) \($0.high)h6"
      }
      body += #"<path class="\#(Palette.line(series))" stroke-width="1.2" opacity="0.6" d="\#(bars)"/>"# + "\n"
    }
  }

  private mutating func drawLine(_ series: Int, _ points: [LinePlot.Point], _ frame: PlotFrame) {
    var path: Markup = ""
    var isBroken = true
    var marks: [Markup] = []
    for point in points {
      guard frame.y.shows(point.y) else {
        isBroken = true
        continue
      }
      let place = Place(x: frame.x(point.x), y: frame.y(point.y))
      path += "\(Markup(verbatim: isBroken ? "M" : "L"))\(place.x) \(place.y)"
      isBroken = false
      marks.append(
        Mark.draw(
          series, at: place, radius: points.count > 60 ? 1.8 : 3,
          title: "\(NumberText.measured(point.x)): \(NumberText.measured(point.y))"))
    }
    body += #"<path class="\#(Palette.line(series))" stroke-width="1.6" stroke-linejoin="round" d="\#(path)"/>"#
    body += #"<g class="\#(Palette.fill(series))">\#(marks)</g>"# + "\n"
  }
}
