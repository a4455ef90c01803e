/// How much nearer vectors are to their own class than to the next (Rousseeuw, 1987).
package enum Silhouette {
  /// Per row, from -1 to 1; 0 of a class's only row.
  ///
  /// - Parameters:
  ///   - rows: [n, dim]; takes n² distances.
  ///   - classes: of each row, from 0; at least two.
  package static func values(_ rows: RealMatrix, _ classes: [Int]) -> [Double] {
    let count = (classes.max() ?? 0) + 1
    var sizes = [Int](repeating: 0, count: count)
    for id in classes { sizes[id] += 1 }
    let squares = (0..<rows.rows).map { i in Vectors.dot(rows.row(i), rows.row(i)) }
    var result: [Double] = []
    for start in stride(from: 0, to: rows.rows, by: 128) {
      let block = Array(start..<min(rows.rows, start + 128))
      let products = rows.rows(block).timesTransposed(rows)
      for (row, i) in block.enumerated() {
        var sums = [Double](repeating: 0, count: count)
        for j in 0..<rows.rows where j != i {
          sums[classes[j]] += max(0, squares[i] + squares[j] - 2 * products[row, j]).squareRoot()
        }
        let own = classes[i]
        guard sizes[own] > 1 else {
          result.append(0)
          continue
        }
        let inside = sums[own] / Double(sizes[own] - 1)
        let outside = (0..<count).filter { $0 != own && sizes[$0] > 0 }.map { sums[$0] / Double(sizes[$0]) }.min() ?? 0
        result.append(max(inside, outside) > 0 ? (outside - inside) / max(inside, outside) : 0)
      }
    }
    return result
  }
}
