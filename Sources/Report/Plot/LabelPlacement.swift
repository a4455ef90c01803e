/// Puts labels beside points so that none covers another; what finds no room is left out.
struct LabelPlacement {
  let area: Box
  private var taken: [Box] = []

  init(area: Box) { self.area = area }

  /// Keeps labels off a mark.
  mutating func block(_ place: Place, radius: Double) {
    taken.append(
      Box(left: place.x - radius, top: place.y - radius, right: place.x + radius, bottom: place.y + radius))
  }

  /// A label beside a place: right of it, left, above, below, whichever is free first; nil where none is.
  mutating func label(_ text: String, at place: Place, classes: String = "ink halo") -> Markup? {
    let size = Drawing.smallFontSize
    let width = TextWidth.of(text, size: size)
    let candidates: [(x: Double, y: Double, anchor: Drawing.Anchor)] = [
      (place.x + 7, place.y + 4, .start), (place.x - 7, place.y + 4, .end), (place.x, place.y - 8, .middle),
      (place.x, place.y + 17, .middle),
    ]
    for candidate in candidates {
      let left =
        switch candidate.anchor {
        case .start: candidate.x
        case .middle: candidate.x - width / 2
        case .end: candidate.x - width
        }
      let box = Box(left: left, top: candidate.y - size + 2, right: left + width, bottom: candidate.y + 2)
      guard area.contains(box), !taken.contains(where: box.overlaps) else { continue }
      taken.append(box)
      return Drawing.text(
        text, x: candidate.x, y: candidate.y, anchor: candidate.anchor, classes: classes, size: size)
    }
    return nil
  }
}
