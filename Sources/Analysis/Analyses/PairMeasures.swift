/// Cosine and L2 of vectors and their partners, and of each with the partners of all others.
struct PairMeasures {
  /// One value per pair; the unpaired ones are means over the others.
  private let pairedCosine, pairedL2, unpairedCosine, unpairedL2: [Double]
  /// How often a vector's nearest vector of the other side is its partner.
  private let retrieved: Int

  init(_ first: RealMatrix, _ second: RealMatrix) {
    let n = first.rows
    let norms = [first, second].map { side in (0..<n).map { Vectors.norm(side.row($0)) } }
    var (pairedCosine, pairedL2) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    var (unpairedCosine, unpairedL2) = (pairedCosine, pairedL2)
    var retrieved = 0
    // As many rows at once as make a few MiB of products.
    for start in stride(from: 0, to: n, by: 128) {
      let block = Array(start..<min(n, start + 128))
      let products = first.rows(block).timesTransposed(second)
      for (row, i) in block.enumerated() {
        let own = Vectors.distance(first.row(i), second.row(i))
        var (cosines, distances, isNearest) = (0.0, 0.0, true)
        for j in 0..<n {
          let product = products[row, j]
          let cosine = product / max(norms[0][i] * norms[1][j], .leastNormalMagnitude)
          if j == i {
            pairedCosine[i] = cosine
          } else {
            let squared = norms[0][i] * norms[0][i] + norms[1][j] * norms[1][j] - 2 * product
            let distance = max(squared, 0).squareRoot()
            cosines += cosine
            distances += distance
            if distance < own { isNearest = false }
          }
        }
        pairedL2[i] = own
        unpairedCosine[i] = cosines / Double(n - 1)
        unpairedL2[i] = distances / Double(n - 1)
        if isNearest { retrieved += 1 }
      }
    }
    (self.pairedCosine, self.pairedL2, self.unpairedCosine, self.unpairedL2, self.retrieved) =
      (pairedCosine, pairedL2, unpairedCosine, unpairedL2, retrieved)
  }

  func findings(_ labels: [String: String]) -> [Finding] {
    let n = pairedCosine.count
    let mean = { (question: String, measure: String, values: [Double]) in
      Finding(
        question: question, measure: measure, labels: labels, value: values.reduce(0, +) / Double(n),
        interval: Bootstrap.interval(ofMean: values), n: n)
    }
    return [
      mean("How alike are the two vectors of a pair?", "paired_cosine", pairedCosine),
      mean("How alike are vectors of different pairs?", "unpaired_cosine", unpairedCosine),
      mean("How far apart are the two vectors of a pair?", "paired_l2", pairedL2),
      mean("How far apart are vectors of different pairs?", "unpaired_l2", unpairedL2),
      Finding(
        question: "How often is a vector's nearest one on the other side its partner?", measure: "retrieval_rate",
        labels: labels, value: Double(retrieved) / Double(n), interval: Wilson.interval(retrieved, of: n), n: n),
    ]
  }
}
