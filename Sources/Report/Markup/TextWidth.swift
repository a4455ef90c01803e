/// How wide text comes out in a common sans-serif face, near enough to leave room for it. Rather too wide than too narrow.
enum TextWidth {
  static func of(_ text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { $0 + em($1) } * size
  }

  /// The text, or its start and an ellipsis where it would be wider.
  static func fitted(_ text: String, size: Double, within width: Double) -> String {
    guard of(text, size: size) > width else { return text }
    var result = ""
    var used = size
    for character in text {
      used += of(String(character), size: size)
      if used > width { break }
      result.append(character)
    }
    return result + "…"
  }

  private static func em(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "t", "f", "r", "!", ".", ",", ":", ";", "'", "|", "(", ")", "[", "]", " ", "-": 0.38
    case "m", "w", "M", "W", "@", "%", "—", "…": 0.95
    case "A"..."Z", "<", ">", "=", "+", "~", "−", "×": 0.72
    default: scalar.value >= 0x1100 && isWide(scalar.value) ? 1.05 : 0.6
    }
  }

  /// East Asian scripts and pictographs.
  private static func isWide(_ value: UInt32) -> Bool {
    (0x1100...0x115f).contains(value) || (0x2e80...0xd7a3).contains(value) || (0xf900...0xfaff).contains(value)
      || (0xfe30...0xfe6f).contains(value) || (0xff00...0xff60).contains(value) || value >= 0x1f300
  }
}
