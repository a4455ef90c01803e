/// A piece of HTML or SVG. Literals are markup as they stand; whatever text is put into one is escaped, so that a decode
/// can hold anything.
struct Markup: ExpressibleByStringInterpolation, Hashable {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Escapes a text.
  init(escaping text: String) { self.text = Self.escape(text) }

  /// Text that is markup already.
  init(verbatim text: String) { self.text = text }

  static func + (left: Markup, right: Markup) -> Markup { Markup(verbatim: left.text + right.text) }

  static func += (left: inout Markup, right: Markup) { left.text += right.text }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 8 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: String) { text += Markup.escape(value) }
    mutating func appendInterpolation(_ value: Markup) { text += value.text }
    mutating func appendInterpolation(_ values: [Markup]) { for value in values { text += value.text } }
    mutating func appendInterpolation(_ value: Int) { text += String(value) }
    /// A coordinate, to a tenth of a pixel.
    mutating func appendInterpolation(_ value: Double) { text += Markup.coordinate(value) }
  }

  /// As it may stand in an element or a quoted attribute. Characters that XML does not know become U+FFFD.
  private static func escape(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case "\0"..<" ", "\u{7f}"..<"\u{a0}", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func coordinate(_ value: Double) -> String {
    let tenths = Int((max(-1e6, min(1e6, value)) * 10).rounded())
    let (whole, tenth) = (abs(tenths) / 10, abs(tenths) % 10)
    return (tenths < 0 ? "-" : "") + (tenth == 0 ? "\(whole)" : "\(whole).\(tenth)")
  }
}

extension Collection where Element == Markup {
  func joined(separator: Markup = "") -> Markup {
    var result: Markup = ""
    for (i, piece) in enumerated() {
      if i > 0 { result += separator }
      result += piece
    }
    return result
  }
}
