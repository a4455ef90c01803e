/// Where two texts differ, word by word; character by character where neither has a space.
package struct TextDifference {
  package struct Piece: Hashable {
    package let text: String
    package let differs: Bool
  }

  package let expected: [Piece]
  package let text: [Piece]

  /// Longer texts are compared at their common start and end only.
  private static let longest = 300

  package init(expected: String, text: String) {
    let isSpaced = expected.contains(" ") || text.contains(" ")
    let (left, right) = (Self.words(expected, isSpaced), Self.words(text, isSpaced))
    let common = Self.common(left, right)
    let separator = isSpaced ? " " : ""
    self.expected = Self.pieces(left, common.left, separator)
    self.text = Self.pieces(right, common.right, separator)
  }

  private static func words(_ text: String, _ isSpaced: Bool) -> [String] {
    isSpaced ? text.split(separator: " ").map(String.init) : text.map { String($0) }
  }

  /// Which words belong to a longest common subsequence.
  private static func common(_ left: [String], _ right: [String]) -> (left: [Bool], right: [Bool]) {
    var (inLeft, inRight) = ([Bool](repeating: false, count: left.count), [Bool](repeating: false, count: right.count))
    let start = zip(left, right).prefix { $0 == $1 }.count
    let rest = min(left.count, right.count) - start
    let end = zip(left.reversed(), right.reversed()).prefix(rest).prefix { $0 == $1 }.count
    for i in 0..<start { (inLeft[i], inRight[i]) = (true, true) }
    for i in 0..<end { (inLeft[left.count - 1 - i], inRight[right.count - 1 - i]) = (true, true) }
    let (a, b) = (left[start..<left.count - end], right[start..<right.count - end])
    guard a.count <= longest, b.count <= longest, !a.isEmpty, !b.isEmpty else { return (inLeft, inRight) }
    // lengths[i][j]: of the longest common subsequence of a from i and b from j.
    var lengths = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in (0..<a.count).reversed() {
      for j in (0..<b.count).reversed() {
        let isSame = a[start + i] == b[start + j]
        lengths[i][j] = isSame ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
      }
    }
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      if a[start + i] == b[start + j] {
        (inLeft[start + i], inRight[start + j]) = (true, true)
        (i, j) = (i + 1, j + 1)
      } else if lengths[i + 1][j] >= lengths[i][j + 1] {
        i += 1
      } else {
        j += 1
      }
    }
    return (inLeft, inRight)
  }

  /// Joins neighbours of the same kind, with the space between them.
  private static func pieces(_ words: [String], _ isCommon: [Bool], _ separator: String) -> [Piece] {
    var pieces: [Piece] = []
    for (word, isCommon) in zip(words, isCommon) {
      if let last = pieces.last, last.differs != isCommon {
        pieces[pieces.count - 1] = Piece(text: last.text + separator + word, differs: last.differs)
      } else {
        if !pieces.isEmpty, !separator.isEmpty { pieces.append(Piece(text: separator, differs: false)) }
        pieces.append(Piece(text: word, differs: !isCommon))
      }
    }
    return pieces
  }
}
