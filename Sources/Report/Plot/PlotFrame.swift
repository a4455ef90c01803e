/// The axes of a plot: grid, round values and titles, and where the data goes between them.
struct PlotFrame {
  let x: Scale
  let y: Scale
  let area: Box
  /// Grid, ticks and titles.
  let body: Markup
  /// Where the next thing below the plot starts.
  let bottom: Double

  private static let right = Drawing.width - 14

  /// A frame of a given height between its axes.
  init(x: Scale, xTitle: String, y: Scale, yTitle: String, height: Double) {
    var (x, y) = (x, y)
    area = Box(
      left: Self.leftMargin(y), top: Self.topMargin(yTitle), right: Self.right, bottom: Self.topMargin(yTitle) + height)
    (x.start, x.end) = (area.left, area.right)
    (y.start, y.end) = (area.bottom, area.top)
    (self.x, self.y) = (x, y)
    body = Self.body(x, xTitle, y, yTitle, area)
    bottom = area.bottom + 24 + (xTitle.isEmpty ? 0 : 18)
  }

  /// A frame in which a unit is as long on x as on y: the height follows from the data, within limits, and beyond them one
  /// of the scales is widened.
  init(equalX x: Scale, xTitle: String, y: Scale, yTitle: String, heights: ClosedRange<Double>) {
    let width = Self.right - Self.leftMargin(y)
    let (dx, dy) = (x.domain.upperBound - x.domain.lowerBound, y.domain.upperBound - y.domain.lowerBound)
    let height = min(max(width * dy / dx, heights.lowerBound), heights.upperBound)
    let unit = min(width / dx, height / dy)
    self.init(
      x: Scale(domain: Self.widened(x.domain, to: width / unit)), xTitle: xTitle,
      y: Scale(domain: Self.widened(y.domain, to: height / unit)), yTitle: yTitle, height: height)
  }

  private static func widened(_ domain: ClosedRange<Double>, to length: Double) -> ClosedRange<Double> {
    let middle = (domain.lowerBound + domain.upperBound) / 2
    let half = max(length, domain.upperBound - domain.lowerBound) / 2
    return middle - half...middle + half
  }

  private static func topMargin(_ title: String) -> Double { title.isEmpty ? 10 : 28 }

  private static func leftMargin(_ y: Scale) -> Double {
    12 + (y.ticks.map { TextWidth.of($0.label, size: Drawing.smallFontSize) }.max() ?? 0)
  }

  private static func body(_ x: Scale, _ xTitle: String, _ y: Scale, _ yTitle: String, _ area: Box) -> Markup {
    var body: Markup = ""
    for tick in y.ticks {
      body += Drawing.line(area.left, y(tick.value), area.right, y(tick.value), classes: "rule")
      body += Drawing.text(
        tick.label, x: area.left - 6, y: y(tick.value) + 4, anchor: .end, classes: "muted", size: Drawing.smallFontSize)
    }
    var taken = -Double.infinity
    for tick in x.ticks {
      let (place, half) = (x(tick.value), TextWidth.of(tick.label, size: Drawing.smallFontSize) / 2)
      body += Drawing.line(place, area.top, place, area.bottom, classes: "rule")
      guard place - half > taken else { continue }
      taken = place + half + 4
      body += Drawing.text(
        tick.label, x: min(place, Drawing.width - half), y: area.bottom + 17, anchor: .middle, classes: "muted",
        size: Drawing.smallFontSize)
    }
    body += Drawing.line(area.left, area.bottom, area.right, area.bottom, classes: "axis")
    let room = Drawing.width - 16
    if !yTitle.isEmpty {
      body += Drawing.text(TextWidth.fitted(yTitle, size: Drawing.fontSize, within: room), x: 4, y: 16)
    }
    if !xTitle.isEmpty {
      body += Drawing.text(
        TextWidth.fitted(xTitle, size: Drawing.fontSize, within: room), x: area.right, y: area.bottom + 37, anchor: .end
      )
    }
    return body
  }
}
