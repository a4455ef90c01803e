/// Which mark stands for which series, in rows below a plot.
struct Legend {
  private(set) var body: Markup = ""
  private(set) var bottom: Double

  private static let mostEntries = 24

  /// - Parameters:
  ///   - names: of all series; a single one needs no legend.
  ///   - top: where it starts.
  ///   - mark: draws the mark of a series about a place.
  init(_ names: [String], top: Double, mark: (_ series: Int, _ at: Place) -> Markup) {
    bottom = top
    guard names.count > 1 else { return }
    let shown = names.prefix(Self.mostEntries)
    var (x, y) = (8.0, top + 14)
    func place(_ text: String, indent: Double) -> Place {
      let width = indent + TextWidth.of(text, size: Drawing.fontSize)
      if x + width > Drawing.width, x > 8 { (x, y) = (8, y + Drawing.lineHeight + 2) }
      defer { x += width + 16 }
      return Place(x: x, y: y)
    }
    for (i, name) in shown.enumerated() {
      let text = TextWidth.fitted(name, size: Drawing.fontSize, within: Drawing.width - 40)
      let at = place(text, indent: 18)
      body += mark(i, Place(x: at.x + 6, y: at.y - 4)) + Drawing.text(text, x: at.x + 18, y: at.y)
    }
    if names.count > shown.count {
      let text = "and \(names.count - shown.count) more"
      let at = place(text, indent: 0)
      body += Drawing.text(text, x: at.x, y: at.y, classes: "muted")
    }
    bottom = y + 10
  }
}
