/// The same numbers in every run (a linear congruential generator with Knuth's MMIX constants).
struct BenchRandom {
  private var state: UInt64 = 1

  mutating func next(in range: Range<Int>) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return range.lowerBound + Int(state >> 33) % range.count
  }
}
