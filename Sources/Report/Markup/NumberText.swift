import Foundation

/// Numbers as people read them.
enum NumberText {
  /// Four significant digits: 0.9731, 12.5, 3.2·10⁻⁷.
  static func measured(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    if value == 0 { return "0" }
    let exponent = Int(floor(log10(abs(value))))
    guard (-4...5).contains(exponent) else { return scientific(value, digits: 3) }
    if value == value.rounded() { return minus(String(Int(value))) }
    let text = String(format: "%.*f", max(0, 3 - exponent), value)
    return minus(text.contains(".") ? trimmed(text) : text)
  }

  /// With as many decimals as a step between neighbours needs.
  static func tick(_ value: Double, step: Double) -> String {
    if value == 0 || abs(value) < step / 1000 { return "0" }
    guard abs(value) < 1e6, step >= 1e-4 else { return scientific(value, digits: 3) }
    return minus(String(format: "%.*f", decimals(of: step), value))
  }

  /// 2·10⁻⁵, with at most so many significant digits.
  static func scientific(_ value: Double, digits: Int) -> String {
    let parts = String(format: "%.*e", digits - 1, value).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return String(value) }
    let mantissa = parts[0].contains(".") ? trimmed(String(parts[0])) : String(parts[0])
    let power = "10" + String(exponent).map { superscripts[$0] ?? String($0) }.joined()
    return switch mantissa {
    case "1": power
    case "-1": "−" + power
    default: minus(mantissa) + "·" + power
    }
  }

  static func grouped(_ value: Int) -> String {
    var result = ""
    for (i, digit) in String(value.magnitude).reversed().enumerated() {
      if i > 0, i % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return (value < 0 ? "−" : "") + String(result.reversed())
  }

  private static let superscripts: [Character: String] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
  ]

  private static func decimals(of step: Double) -> Int {
    // A little more, since 0.1's logarithm may come out just below -1.
    max(0, Int(ceil(-log10(step) - 1e-9)))
  }

  private static func minus(_ text: String) -> String { text.replacing("-", with: "−") }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return String(text)
  }
}
