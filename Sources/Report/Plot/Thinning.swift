/// Keeps figures bounded, whatever the run's size.
enum Thinning {
  /// Elements at even distances, the first and the last among them; all where they are at most `limit`, which is 2 or more.
  static func evenly<Element>(_ elements: [Element], limit: Int) -> [Element] {
    guard elements.count > limit else { return elements }
    return (0..<limit).map { elements[$0 * (elements.count - 1) / (limit - 1)] }
  }

  /// How many of each group to keep, so that they are at most about `limit` together.
  static func shares(_ counts: [Int], limit: Int) -> [Int] {
    let total = counts.reduce(0, +)
    guard total > limit else { return counts }
    return counts.map { max(min($0, 2), $0 * limit / total) }
  }

  static func note(_ drawn: Int, of total: Int, _ what: String) -> String? {
    drawn < total
      ? "\(NumberText.grouped(drawn)) of \(NumberText.grouped(total)) \(what) are drawn; the CSV file has all." : nil
  }
}
