/// "Did you mean" for a mistyped word.
enum Suggestion {
  static func text(for word: String, among choices: [String]) -> String {
    let best = choices.map { ($0, distance(word, $0)) }.min { $0.1 < $1.1 }
    guard let (choice, distance) = best, distance <= max(1, word.count / 3) else { return "" }
    return ". Did you mean '\(choice)'?"
  }

  /// Levenshtein's edit distance.
  private static func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        (diagonal, row[j + 1]) = (row[j + 1], x == y ? diagonal : 1 + min(diagonal, row[j], row[j + 1]))
      }
    }
    return row[b.count]
  }
}
