import Report
import Testing

@Suite("Where a decode differs from what was expected")
struct TextDifferenceTests {
  @Test(
    "words that are not in the longest common sequence differ",
    arguments: [
      ("a cat sees", "a cat sees", "a cat sees", "a cat sees"),
      ("the dog sees a cat", "the dog eats a cat", "the dog [sees] a cat", "the dog [eats] a cat"),
      ("_ _ dog _", "_ dog _ _", "_ [_] dog _", "_ dog [_] _"),
      ("a b", "c d e", "[a b]", "[c d e]"),
      ("", "a b", "", "[a b]"),
      ("食べる", "食べた", "食べ[る]", "食べ[た]"),
    ])
  func words(expected: String, text: String, markedExpected: String, markedText: String) {
    let difference = TextDifference(expected: expected, text: text)
    #expect(Self.marked(difference.expected) == markedExpected)
    #expect(Self.marked(difference.text) == markedText)
  }

  @Test("nothing of a text is lost, however long it is")
  func whole() {
    let long = (0..<2000).map { "w\($0 % 7)" }.joined(separator: " ")
    let other = (0..<1500).map { "w\($0 % 5)" }.joined(separator: " ")
    let difference = TextDifference(expected: long, text: other)
    #expect(difference.expected.map(\.text).joined() == long)
    #expect(difference.text.map(\.text).joined() == other)
  }

  private static func marked(_ pieces: [TextDifference.Piece]) -> String {
    pieces.map { $0.differs ? "[\($0.text)]" : $0.text }.joined()
  }
}
