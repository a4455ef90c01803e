/// A line of a screen: text in pieces that look different.
public struct StyledLine: Hashable, Sendable {
  public enum Style: Hashable, Sendable { case plain, bold, dim, reverse, good, warning, bad }

  struct Span: Hashable, Sendable {
    let text: String
    let style: Style
  }

  private(set) var spans: [Span] = []

  public init(_ text: String = "", _ style: Style = .plain) { append(text, style) }

  /// What others named may hold what a terminal would act on; it is shown as '?'.
  mutating func append(_ text: String, _ style: Style = .plain) {
    guard !text.isEmpty else { return }
    spans.append(Span(text: Self.printable(text), style: style))
  }

  /// Without styles.
  public var text: String { spans.map(\.text).joined() }

  /// Cut, or filled with spaces, to a number of characters.
  func fitted(to width: Int) -> StyledLine {
    var result = StyledLine()
    var left = max(0, width)
    for span in spans where left > 0 {
      let piece = String(span.text.prefix(left))
      left -= piece.count
      result.append(piece, span.style)
    }
    if left > 0 {
      result.append(String(repeating: " ", count: left), spans.last?.style == .reverse ? .reverse : .plain)
    }
    return result
  }

  /// For a terminal. Without colours there are still bold, dim and reversed text.
  public func encoded(colours: Bool) -> String {
    spans.map { span in
      let codes: String? =
        switch span.style {
        case .plain: nil
        case .bold: "1"
        case .dim: "2"
        case .reverse: "7"
        case .good: colours ? "32" : nil
        case .warning: colours ? "33" : "1"
        case .bad: colours ? "31" : "1"
        }
      return codes.map { "\u{1B}[\($0)m\(span.text)\u{1B}[0m" } ?? span.text
    }.joined()
  }

  private static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
