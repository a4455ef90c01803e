/// JSON built in a stream: rows have to keep the order of their axes, and there may be millions.
enum JSONText {
  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// JSON knows no NaN.
  static func number(_ value: Float) -> String { value.isFinite ? value.description : "null" }
  static func number(_ value: Double) -> String { value.isFinite ? value.description : "null" }

  static func object(_ entries: [(key: String, json: String)]) -> String {
    "{" + entries.map { "\(string($0.key)):\($0.json)" }.joined(separator: ",") + "}"
  }

  static func array(_ elements: some Sequence<String>) -> String { "[" + elements.joined(separator: ",") + "]" }
}
