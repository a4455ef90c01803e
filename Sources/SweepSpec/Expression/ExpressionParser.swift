import SonarModel

/// Reads a linear combination: numbers, axes of numbers, named vectors, `E("...")`, `+ - * /` and parentheses.
///
///     sum     = product (("+" | "-") product)*
///     product = factor (("*" | "/") factor)*
///     factor  = "-" factor | number | axis | vector | table "[" axis | text | number "]" | "(" sum ")"
///             | "E" "(" text ("," language | axis)? ")"
struct ExpressionParser {
  private enum Value {
    case scalar(Scalar)
    case vector(LinearCombination)
  }

  /// Deeper parentheses are refused.
  private static let maxDepth = 50

  private let scope: ExpressionScope
  private let tokens: [ExpressionLexer.Token]
  private var index = 0
  private var depth = 0

  /// - Throws: `ExpressionError`.
  static func combination(_ text: String, in scope: ExpressionScope) throws -> LinearCombination {
    var parser = ExpressionParser(scope: scope, tokens: try ExpressionLexer.tokens(of: text))
    switch try parser.whole() {
    case .vector(let combination): return combination
    case .scalar:
      throw ExpressionError(column: 1, message: "the expression is a number; it needs E(\"...\") or a vector")
    }
  }

  /// A number that may depend on axes. Throws `ExpressionError`.
  static func scalar(_ text: String, firstColumn: Int = 1, in scope: ExpressionScope) throws -> Scalar {
    var parser = ExpressionParser(scope: scope, tokens: try ExpressionLexer.tokens(of: text, firstColumn: firstColumn))
    switch try parser.whole() {
    case .scalar(let scalar): return scalar
    case .vector: throw ExpressionError(column: firstColumn, message: "a number is needed; this is a vector")
    }
  }

  private init(scope: ExpressionScope, tokens: [ExpressionLexer.Token]) {
    self.scope = scope
    self.tokens = tokens
  }

  private var token: ExpressionLexer.Token { tokens[min(index, tokens.count - 1)] }

  private mutating func take(_ symbol: Character) -> Bool {
    guard token.kind == .symbol(symbol) else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ symbol: Character, _ what: String) throws {
    guard take(symbol) else { throw error("\(token.spelling) was found; '\(symbol)' is needed \(what)") }
  }

  private func error(_ message: String) -> ExpressionError { ExpressionError(column: token.column, message: message) }

  private mutating func whole() throws -> Value {
    let value = try sum()
    guard token.kind == .end else { throw error("\(token.spelling) was found; + - * / or the end is needed") }
    return value
  }

  private mutating func sum() throws -> Value {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maxDepth else { throw error("the parentheses are nested more than \(Self.maxDepth) deep") }
    var value = try product()
    while token.kind == .symbol("+") || token.kind == .symbol("-") {
      let (column, isMinus) = (token.column, token.kind == .symbol("-"))
      index += 1
      let other = try product()
      switch (value, isMinus ? Self.negated(other) : other) {
      case (.scalar(let a), .scalar(let b)): value = .scalar(a + b)
      case (.vector(let a), .vector(let b)): value = .vector(LinearCombination(terms: a.terms + b.terms))
      default:
        throw ExpressionError(
          column: column, message: "a number and a vector cannot be added; multiply the number by one")
      }
    }
    return value
  }

  private mutating func product() throws -> Value {
    var value = try factor()
    while token.kind == .symbol("*") || token.kind == .symbol("/") {
      let (column, isQuotient) = (token.column, token.kind == .symbol("/"))
      index += 1
      let other = try factor()
      switch (value, other) {
      case (_, .scalar(let b)) where isQuotient && b.isZero:
        throw ExpressionError(column: column, message: "division by 0")
      case (.scalar(let a), .scalar(let b)): value = .scalar(isQuotient ? a / b : a * b)
      case (.vector(let a), .scalar(let b)): value = .vector(a.scaled { isQuotient ? $0 / b : $0 * b })
      case (.scalar(let a), .vector(let b)) where !isQuotient: value = .vector(b.scaled { a * $0 })
      default:
        throw ExpressionError(
          column: column,
          message: isQuotient
            ? "nothing can be divided by a vector" : "two vectors cannot be multiplied; the result must be linear")
      }
    }
    return value
  }

  private mutating func factor() throws -> Value {
    // Signs are counted, not nested.
    var isNegative = false
    while take("-") { isNegative.toggle() }
    let value = try primary()
    return isNegative ? Self.negated(value) : value
  }

  private static func negated(_ value: Value) -> Value {
    switch value {
    case .scalar(let scalar): .scalar(.constant(-1) * scalar)
    case .vector(let combination): .vector(combination.scaled { .constant(-1) * $0 })
    }
  }

  private mutating func primary() throws -> Value {
    switch token.kind {
    case .number(let number):
      index += 1
      return .scalar(.constant(number))
    case .name("E"): return try sequence()
    case .name(let name): return try named(name)
    case .symbol("("):
      index += 1
      let value = try sum()
      try expect(")", "to close the parenthesis")
      return value
    case .text: throw error("a text is encoded as E(\(token.spelling))")
    default: throw error("\(token.spelling) was found; a number, a name, E(\"...\") or ( is needed")
    }
  }

  /// `E("template")` or `E("template", language)`.
  private mutating func sequence() throws -> Value {
    index += 1
    try expect("(", "after E, as in E(\"{word} the\")")
    guard case .text(let text) = token.kind else {
      throw error("\(token.spelling) was found; a quoted text is needed, as in E(\"{word} the\")")
    }
    let template = try SequenceTemplate(text, column: token.column + 1, in: scope)
    index += 1
    var language = scope.language
    if take(",") {
      guard case .name(let name) = token.kind, let named = scope.language(named: name) else {
        let known = scope.languages.map { " it has \($0.prefix(8).map(\.rawValue).joined(separator: ", "))" } ?? ""
        throw error("\(token.spelling) is neither an axis nor a language of the model;\(known)")
      }
      index += 1
      language = named
    }
    try expect(")", "to close E(")
    return .vector(LinearCombination(terms: [.init(weight: .constant(1), source: .sequence(template, language))]))
  }

  /// An axis of numbers, a vector, or a row of a table.
  private mutating func named(_ name: String) throws -> Value {
    if let axis = scope.axes.firstIndex(where: { $0.name == name }) {
      guard scope.axes[axis].isNumeric else {
        throw error("'\(name)' is no axis of numbers; its values go into texts, as in E(\"{\(name)}\")")
      }
      index += 1
      return .scalar(.axis(axis))
    }
    guard let vector = scope.vectors[name] else {
      let known = scope.axes.map(\.name) + scope.vectors.keys.sorted()
      throw error(
        "'\(name)' is neither an axis nor a vector of the job; there are \(known.joined(separator: ", "))"
          + Suggestion.text(for: name, among: known))
    }
    guard let rows = vector.rows else {
      index += 1
      return .vector(LinearCombination(terms: [.init(weight: .constant(1), source: .vector(name))]))
    }
    let column = token.column
    index += 1
    guard take("[") else {
      throw ExpressionError(
        column: column,
        message: "'\(name)' is a table of vectors; choose a row with \(name)[axis] or \(name)[\"label\"]")
    }
    let label = try rowLabel(of: name, rows: Set(rows))
    try expect("]", "to close the row")
    return .vector(LinearCombination(terms: [.init(weight: .constant(1), source: .row(name, label))]))
  }

  private mutating func rowLabel(of table: String, rows: Set<String>) throws -> LinearCombination.RowLabel {
    let label: LinearCombination.RowLabel
    let labels: [String]
    switch token.kind {
    case .text(let text): (label, labels) = (.fixed(text), [text])
    case .number(let number):
      let text = Axis.Values.numbers([number]).label(at: 0)
      (label, labels) = (.fixed(text), [text])
    case .name(let name):
      guard let i = scope.axes.firstIndex(where: { $0.name == name }) else { throw error("there is no axis '\(name)'") }
      let axis = scope.axes[i]
      // One more than the rows is enough to find one that is missing.
      (label, labels) = (.axis(i), (0..<min(axis.count, rows.count + 1)).map(axis.text))
    default: throw error("\(token.spelling) was found; an axis or a row's label is needed")
    }
    if let missing = labels.first(where: { !rows.contains($0) }) {
      throw error("'\(table)' has no row '\(missing)'; it has \(rows.sorted().prefix(12).joined(separator: ", "))")
    }
    index += 1
    return label
  }
}
