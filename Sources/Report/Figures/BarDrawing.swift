import Analysis

extension Drawing {
  private static let mostBars = 60

  /// A horizontal bar per category, so that names can be read, with its interval and value.
  init(_ plot: BarPlot) {
    let bars = Array(plot.bars.prefix(Self.mostBars))
    let values = bars.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }
    let isLogarithmic = plot.value.isLogarithmic
    let found = bounds(values + (isLogarithmic ? [] : [0]), positive: isLogarithmic)
    let names = bars.map { TextWidth.fitted($0.label, size: Self.fontSize, within: 170) }
    let left = 12 + max(40, names.map { TextWidth.of($0, size: Self.fontSize) }.max() ?? 0)
    let numbers = bars.map { NumberText.measured($0.value) }
    let right = Self.width - 12 - (numbers.map { TextWidth.of($0, size: Self.smallFontSize) }.max() ?? 0)
    var scale = Scale(bounds: plot.range ?? found, isLogarithmic: isLogarithmic, padding: plot.range == nil ? 0.04 : 0)
    if plot.range == nil, !isLogarithmic, let found {
      // Bars start at zero, without room beyond it.
      let room = max(found.upperBound - found.lowerBound, 1e-12) * 0.04
      scale = Scale(
        domain: (found.lowerBound < 0 ? found.lowerBound - room : 0)...(found.upperBound > 0
          ? found.upperBound + room : 0),
        marks: 5)
    }
    (scale.start, scale.end) = (left, right)
    let row = 24.0
    let (top, bottom) = (28.0, 28 + row * Double(bars.count))
    body += Self.text(TextWidth.fitted(plot.categoryTitle, size: Self.fontSize, within: Self.width), x: 4, y: 16)
    for tick in scale.ticks {
      body += Self.line(scale(tick.value), top, scale(tick.value), bottom, classes: "rule")
      body += Self.text(
        tick.label, x: scale(tick.value), y: bottom + 17, anchor: .middle, classes: "muted", size: Self.smallFontSize)
    }
    let zero = isLogarithmic ? left : min(max(scale(0), left), right)
    for (i, bar) in bars.enumerated() {
      let y = top + row * Double(i)
      body += Self.text(names[i], x: left - 8, y: y + 16, anchor: .end)
      drawBar(bar, scale, zero: zero, top: y + 4, bottom: y + row - 4, limits: left...right)
      body += Self.text(
        numbers[i], x: Self.width - 4, y: y + 16, anchor: .end, classes: "muted", size: Self.smallFontSize)
    }
    body += Self.line(zero, top, zero, bottom, classes: "axis")
    body += Self.text(
      TextWidth.fitted(plot.value.label, size: Self.fontSize, within: Self.width - 16), x: right, y: bottom + 37,
      anchor: .end)
    height = bottom + 46
    note(Thinning.note(bars.count, of: plot.bars.count, "bars"))
  }

  private mutating func drawBar(
    _ bar: BarPlot.Bar, _ scale: Scale, zero: Double, top: Double, bottom: Double, limits: ClosedRange<Double>
  ) {
    guard scale.shows(bar.value) else { return }
    func place(_ value: Double) -> Double { min(max(scale(value), limits.lowerBound), limits.upperBound) }
    let (from, to) = (min(zero, place(bar.value)), max(zero, place(bar.value)))
    body +=
      #"<rect class="f0" x="\#(from)" y="\#(top)" width="\#(to - from)" height="\#(bottom - top)"><title>\#(bar.label): \#(NumberText.measured(bar.value))</title></rect>"#
      + "\n"
    guard let low = bar.low, let high = bar.high, scale.shows(low), scale.shows(high) else { return }
    let (middle, a, b) = ((top + bottom) / 2, place(low), place(high))
    let path: Markup = "M\(a) \(middle)L\(b) \(middle)M\(a) \(middle - 4)v8M\(b) \(middle - 4)v8"
    body +=
      #"<path class="under" style="stroke-width:3.5" d="\#(path)"/><path class="arrow" style="stroke-width:1.4" d="\#(path)"/>"#
      + "\n"
  }
}
