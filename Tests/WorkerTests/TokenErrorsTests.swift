import SonarModel
import TestSupport
import Testing
import Worker

@Suite("Token errors")
struct TokenErrorsTests {
  @Test(
    "the fewest insertions, deletions and replacements",
    arguments: [
      ("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "axc", 1), ("abc", "ac", 1),
      ("abc", "abbc", 1), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("aab", "ab", 1), ("abab", "baba", 2),
    ])
  func known(a: String, b: String, distance: Int) {
    #expect(ids(a).errors(against: ids(b)) == distance)
    #expect(ids(b).errors(against: ids(a)) == distance)
  }

  @Test("the distance is that of the definition, whatever the sequences have in common")
  func definition() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<300 {
      let (a, b) = (sequence(&random), sequence(&random))
      #expect(a.errors(against: b) == Self.distance(a[...], b[...]), "\(a) \(b)")
    }
  }

  private func ids(_ text: String) -> [TokenID] { text.utf8.map { TokenID(Int($0)) } }

  private func sequence(_ random: inout SplitMix64) -> [TokenID] {
    (0..<Int.random(in: 0...6, using: &random)).map { _ in TokenID(Int.random(in: 4...6, using: &random)) }
  }

  /// The recursive definition.
  private static func distance(_ a: ArraySlice<TokenID>, _ b: ArraySlice<TokenID>) -> Int {
    guard let x = a.first, let y = b.first else { return max(a.count, b.count) }
    if x == y { return distance(a.dropFirst(), b.dropFirst()) }
    return 1
      + min(
        distance(a.dropFirst(), b), distance(a, b.dropFirst()), distance(a.dropFirst(), b.dropFirst()))
  }
}
