import SonarModel

extension [TokenID] {
  /// How many tokens must be inserted, deleted or replaced to get from these ids to `other`: their Levenshtein distance.
  ///
  /// By dynamic programming over one row (Wagner and Fischer, 1974), between what both have in common at their ends: time
  /// is the product of the lengths that are left, memory one of them.
  package func errors(against other: [TokenID]) -> Int {
    let start = zip(self, other).prefix { $0 == $1 }.count
    let (a, b) = (dropFirst(start), other.dropFirst(start))
    let end = zip(a.reversed(), b.reversed()).prefix { $0 == $1 }.count
    let (rows, columns) = (a.dropLast(end), Array(b.dropLast(end)))
    // distances[j]: from the rows so far to the first j columns.
    var distances = [Int](0...columns.count)
    for (i, token) in rows.enumerated() {
      var diagonal = i
      distances[0] = i + 1
      for j in columns.indices {
        let replaced = diagonal + (token == columns[j] ? 0 : 1)
        diagonal = distances[j + 1]
        distances[j + 1] = Swift.min(replaced, Swift.min(diagonal, distances[j]) + 1)
      }
    }
    return distances[columns.count]
  }
}
