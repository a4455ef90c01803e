/// The mean of vectors added one by one, summed in float64 in the order they come.
struct MeanAccumulator {
  private(set) var count = 0
  private var sum: [Double] = []

  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    if sum.isEmpty { sum = [Double](repeating: 0, count: values.count) }
    for i in sum.indices { sum[i] += Double(values[i]) }
    count += 1
  }

  /// [dim]; empty where nothing was added.
  var mean: [Float] { sum.map { Float($0 / Double(count)) } }
}
