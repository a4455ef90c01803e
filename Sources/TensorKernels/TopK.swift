/// Selection of the largest few of many values.
enum TopK {
  /// The `k` largest, largest first; of equal values the one with the lower index first.
  static func select(_ k: Int, from values: UnsafePointer<Float>, count: Int) -> [TokenScores.Candidate] {
    guard k > 0 else { return [] }
    var best: [TokenScores.Candidate] = []
    best.reserveCapacity(k + 1)
    var threshold = -Float.infinity
    var i = 0
    while i < count {
      // Skip sixteen at a time while none of them can enter.
      if best.count == k, i + VectorMath.lanes <= count, !any(VectorMath.load(values + i) .> threshold) {
        i += VectorMath.lanes
        continue
      }
      let end = min(i + VectorMath.lanes, count)
      for j in i..<end where best.count < k || values[j] > threshold {
        let position = best.firstIndex { $0.logit < values[j] } ?? best.count
        best.insert(.init(token: j, logit: values[j]), at: position)
        if best.count > k { best.removeLast() }
        if best.count == k { threshold = best[k - 1].logit }
      }
      i = end
    }
    return best
  }
}
