/// The marks of series' points. Neighbouring series differ in shape and in colour.
enum Mark {
  private static let shapes = 4

  /// A series' mark about a place.
  ///
  /// - Parameter title: shows when a pointer rests on the mark.
  static func draw(_ series: Int, at place: Place, radius r: Double, title: String? = nil) -> Markup {
    let (x, y) = (place.x, place.y)
    let title: Markup = title.map { "<title>\($0)</title>" } ?? ""
    return switch (series + series / Palette.series.count) % shapes {
    case 0: #"<circle cx="\#(x)" cy="\#(y)" r="\#(r)">\#(title)</circle>"#
    case 1: #"<path d="M\#(x - r) \#(y - r)h\#(2 * r)v\#(2 * r)h\#(-2 * r)z">\#(title)</path>"#
    case 2: #"<path d="M\#(x) \#(y - 1.2 * r)L\#(x + 1.15 * r) \#(y + r)H\#(x - 1.15 * r)z">\#(title)</path>"#
    default:
      #"<path d="M\#(x) \#(y - 1.4 * r)L\#(x + 1.4 * r) \#(y)L\#(x) \#(y + 1.4 * r)L\#(x - 1.4 * r) \#(y)z">\#(title)</path>"#
    }
  }

  static func legend(_ series: Int, at place: Place) -> Markup {
    #"<g class="\#(Palette.fill(series))">\#(draw(series, at: place, radius: 4.5))</g>"# + "\n"
  }
}
