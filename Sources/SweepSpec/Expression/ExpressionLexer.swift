/// Splits an expression into numbers, names, quoted texts and symbols.
struct ExpressionLexer {
  struct Token {
    enum Kind: Equatable {
      case number(Double)
      case name(String)
      /// What stands between the quotes.
      case text(String)
      case symbol(Character)
      case end
    }

    let kind: Kind
    /// 1-based.
    let column: Int
    /// As it is written, in quotes.
    let spelling: String
  }

  /// Longer texts are refused, so that a tree of one is never deep.
  static let maxLength = 2000

  private let characters: [Character]
  private let firstColumn: Int
  private var index = 0

  /// - Parameter firstColumn: the column of the text's first character.
  static func tokens(of text: String, firstColumn: Int = 1) throws -> [Token] {
    var lexer = ExpressionLexer(characters: Array(text), firstColumn: firstColumn)
    guard lexer.characters.count <= maxLength else {
      throw ExpressionError(
        column: maxLength + 1, message: "the text is longer than \(maxLength) characters")
    }
    var tokens: [Token] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private init(characters: [Character], firstColumn: Int) {
    self.characters = characters
    self.firstColumn = firstColumn
  }

  private var column: Int { firstColumn + index }

  private mutating func next() throws -> Token {
    while index < characters.count, characters[index].isWhitespace { index += 1 }
    let (start, column) = (index, column)
    guard index < characters.count else { return Token(kind: .end, column: column, spelling: "the end") }
    let first = characters[index]
    let kind: Token.Kind
    switch first {
    case "0"..."9", ".": kind = .number(try number())
    case "\"", "'": kind = .text(try quoted(by: first))
    case _ where first.isNameStart: kind = .name(take(while: \.isNamePart))
    case "+", "-", "*", "/", "(", ")", "[", "]", ",":
      index += 1
      kind = .symbol(first)
    default:
      throw ExpressionError(
        column: column, message: "'\(first)' has no meaning here; there are numbers, names, E(\"...\") and + - * / ( )")
    }
    let written = String(characters[start..<index])
    if case .text = kind { return Token(kind: kind, column: column, spelling: written) }
    return Token(kind: kind, column: column, spelling: "'\(written)'")
  }

  private mutating func take(while belongs: (Character) -> Bool) -> String {
    let start = index
    while index < characters.count, belongs(characters[index]) { index += 1 }
    return String(characters[start..<index])
  }

  private mutating func number() throws -> Double {
    let column = column
    var text = take { "0"..."9" ~= $0 || $0 == "." }
    if index < characters.count, characters[index] == "e" || characters[index] == "E" {
      text.append(characters[index])
      index += 1
      if index < characters.count, characters[index] == "-" || characters[index] == "+" {
        text.append(characters[index])
        index += 1
      }
      text += take { "0"..."9" ~= $0 }
    }
    guard let value = Double(text), value.isFinite else {
      throw ExpressionError(column: column, message: "'\(text)' is not a number")
    }
    return value
  }

  private mutating func quoted(by quote: Character) throws -> String {
    let column = column
    index += 1
    let text = take { $0 != quote }
    guard index < characters.count else {
      throw ExpressionError(column: column, message: "the text that starts here has no closing \(quote)")
    }
    index += 1
    return text
  }
}

extension Character {
  var isNameStart: Bool { isASCII && isLetter || self == "_" }
  var isNamePart: Bool { isNameStart || "0"..."9" ~= self }
}
