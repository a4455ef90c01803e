import Foundation
import SonarModel

/// A sequence with axes' values in it: `{word} {filler*5}`, where `*` repeats and the count may be computed, as in
/// `{filler*(length - 1)}`.
struct SequenceTemplate: Sendable {
  private enum Part: Sendable {
    case literal(String, column: Int)
    case axis(Int, count: Scalar)
  }

  private let parts: [Part]
  private let form: CorpusForm

  /// - Parameter column: of the text's first character.
  /// - Throws: `ExpressionError`.
  init(_ text: String, column: Int, in scope: ExpressionScope) throws {
    form = scope.form
    let characters = Array(text)
    guard characters.count <= ExpressionLexer.maxLength else {
      throw ExpressionError(
        column: column, message: "the text is longer than \(ExpressionLexer.maxLength) characters")
    }
    var parts: [Part] = []
    var index = 0
    while index < characters.count {
      let start = index
      guard characters[start] == "{" else {
        index = characters[start...].firstIndex(of: "{") ?? characters.count
        if let brace = characters[start..<index].firstIndex(of: "}") {
          throw ExpressionError(column: column + brace, message: "'}' closes nothing; an axis is written {name}")
        }
        parts.append(.literal(String(characters[start..<index]), column: column + start))
        continue
      }
      guard let end = characters[start...].firstIndex(of: "}") else {
        throw ExpressionError(column: column + start, message: "the '{' here is not closed; an axis is written {name}")
      }
      index = end + 1
      let neighbours = [start > 0 ? characters[start - 1] : " ", index < characters.count ? characters[index] : " "]
      guard form == .text || neighbours.allSatisfy({ $0 == " " }) else {
        throw ExpressionError(
          column: column + start, message: "in pieces, words and {axes} are separated by spaces")
      }
      parts.append(try Self.placeholder(characters[(start + 1)..<end], column: column + start + 1, in: scope))
    }
    self.parts = parts
  }

  private static func placeholder(
    _ text: ArraySlice<Character>, column: Int, in scope: ExpressionScope
  ) throws -> Part {
    let name = String(text.prefix { $0 != "*" })
    let trimmed = name.trimmingCharacters(in: .whitespaces)
    guard let axis = scope.axes.firstIndex(where: { $0.name == trimmed }) else {
      let known = scope.axes.map(\.name)
      throw ExpressionError(
        column: column,
        message: "there is no axis '\(trimmed)'; there are \(known.joined(separator: ", "))"
          + Suggestion.text(for: trimmed, among: known))
    }
    if scope.form == .text, case .tokens = scope.axes[axis].values {
      throw ExpressionError(
        column: column, message: "'\(trimmed)' is an axis of tokens, which only form: pieces can use")
    }
    let count = text.dropFirst(name.count)
    guard !count.isEmpty else { return .axis(axis, count: .constant(1)) }
    return .axis(
      axis,
      count: try ExpressionParser.scalar(String(count.dropFirst()), firstColumn: column + name.count + 1, in: scope))
  }

  /// Nil where a count is not a whole number of 0 or more: there is no such sequence.
  func content(at coordinates: [Int], of axes: [ExpressionAxis]) -> TokenSequence.Content? {
    var tokens: [TokenName] = []
    var text = ""
    var size = 0
    for part in parts {
      switch part {
      case .literal(let literal, _):
        if form == .text { text += literal } else { tokens += Self.words(literal) }
      case .axis(let axis, let count):
        let value = count.value(at: coordinates, of: axes)
        guard let count = Int(exactly: value), (0...maxSequenceLength).contains(count) else { return nil }
        size += count
        guard size <= maxSequenceLength else { return nil }
        let index = coordinates[axis]
        if form == .text {
          text += [String](repeating: axes[axis].text(at: index), count: count).joined(separator: " ")
        } else {
          let value = axes[axis].tokens(at: index)
          for _ in 0..<count { tokens += value }
        }
      }
    }
    return form == .text ? .text(text) : .tokens(tokens)
  }

  private static func words(_ literal: String) -> [TokenName] {
    literal.split(separator: " ").map { .word(String($0)) }
  }

  /// The axes whose values are tokens of the sequence.
  var axesOfTokens: Set<Int> {
    guard form == .pieces else { return [] }
    return Set(parts.compactMap { if case .axis(let axis, _) = $0 { axis } else { nil } })
  }

  /// Throws `ExpressionError` where a word of the template itself is not one token.
  func check(in tokenizer: Tokenizer) throws {
    guard form == .pieces else { return }
    for case .literal(let literal, let column) in parts {
      for word in literal.split(separator: " ") {
        do {
          _ = try tokenizer.token(ofWord: String(word))
        } catch {
          let offset = literal.distance(from: literal.startIndex, to: word.startIndex)
          throw ExpressionError(column: column + offset, message: "\(error)")
        }
      }
    }
  }
}
