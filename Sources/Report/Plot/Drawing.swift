/// A figure as SVG elements in a box. Sizes suit a phone: a figure is drawn 480 wide, so that its text is still read where
/// the screen is 360 pixels wide.
struct Drawing {
  static let width = 480.0
  static let fontSize = 13.0
  static let smallFontSize = 12.0
  static let lineHeight = 18.0

  var body: Markup = ""
  var height = 0.0
  /// What is not drawn, and why, for the caption.
  var notes: [String] = []

  /// The whole element.
  ///
  /// - Parameters:
  ///   - id: unique in the page.
  ///   - rules: the classes' colours, of a file of its own; nil in a page, which has them.
  func svg(id: String, title: String, description: String, rules: String? = nil) -> Markup {
    let style: Markup = rules.map { "<style>\n\(Markup(verbatim: $0))</style>\n" as Markup } ?? ""
    let background: Markup =
      rules == nil ? "" : #"<rect class="background" width="\#(Self.width)" height="\#(height)"/>"# + "\n"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(height)" role="img" \
      aria-labelledby="\(id)-t \(id)-d" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif" \
      font-size="\(Self.fontSize)">
      <title id="\(id)-t">\(title)</title>
      <desc id="\(id)-d">\(description)</desc>
      \(style)\(background)\(body)</svg>
      """
  }

  enum Anchor: String { case start, middle, end }

  static func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, classes: String = "ink", size: Double? = nil
  ) -> Markup {
    let size: Markup = size.map { #" font-size="\#($0)""# } ?? ""
    return #"<text class="\#(classes)" x="\#(x)" y="\#(y)" text-anchor="\#(anchor.rawValue)"\#(size)>\#(text)</text>"#
      + "\n"
  }

  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, classes: String) -> Markup {
    #"<path class="\#(classes)" d="M\#(x1) \#(y1)L\#(x2) \#(y2)"/>"# + "\n"
  }
}

/// A place on a drawing, y downwards.
struct Place: Hashable {
  var x, y: Double
}

/// An upright rectangle on a drawing.
struct Box {
  var left, top, right, bottom: Double

  var width: Double { right - left }
  var height: Double { bottom - top }

  func overlaps(_ other: Box) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }

  func contains(_ other: Box) -> Bool {
    left <= other.left && other.right <= right && top <= other.top && other.bottom <= bottom
  }
}
