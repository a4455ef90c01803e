/// A figure's name from parts: letters, digits and dashes.
enum FigureName {
  static func of(_ parts: String...) -> String {
    let words = parts.flatMap { $0.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) } }
    return words.joined(separator: "-")
  }
}
