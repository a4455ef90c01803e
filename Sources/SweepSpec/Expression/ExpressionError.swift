/// A mistake in an expression, and the column it stands at.
struct ExpressionError: Error, CustomStringConvertible {
  /// 1-based, in the expression's text.
  let column: Int
  let message: String

  var description: String { "column \(column): \(message)" }
}
