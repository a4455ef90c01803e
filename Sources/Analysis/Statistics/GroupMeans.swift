/// Mean vectors of groups of units that pass by once; memory is that of the groups.
package struct GroupMeans: Sendable {
  /// 256 MiB of sums.
  private static let mostValues = 1 << 25

  package let groups: Int
  package let dim: Int
  package private(set) var counts: [Int]
  private var sums: [Double]

  /// Throws `AnalysisError` where the groups would not fit in memory.
  package init(groups: Int, dim: Int) throws {
    guard groups <= Self.mostValues / max(dim, 1) else {
      throw AnalysisError("\(groups) mean vectors of \(dim) values are too many; select fewer values")
    }
    (self.groups, self.dim) = (groups, dim)
    counts = [Int](repeating: 0, count: groups)
    sums = [Double](repeating: 0, count: groups * dim)
  }

  package mutating func add(_ row: UnsafeBufferPointer<Float>, to group: Int) {
    counts[group] += 1
    sums.withUnsafeMutableBufferPointer { sums in
      for j in 0..<dim { sums[group * dim + j] += Double(row[j]) }
    }
  }

  /// Nil of a group without units.
  package func mean(_ group: Int) -> [Double]? {
    guard counts[group] > 0 else { return nil }
    return sum(group).map { $0 / Double(counts[group]) }
  }

  package func sum(_ group: Int) -> [Double] { Array(sums[group * dim..<(group + 1) * dim]) }
}
