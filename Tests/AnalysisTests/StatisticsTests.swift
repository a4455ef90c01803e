import Analysis
import Testing

@Suite("Statistics")
struct StatisticsTests {
  // Brown, Cai and DasGupta (2001): (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), by hand for 8 of 10 and 0 of 10.
  @Test("Wilson's interval", arguments: [(8, 10, 0.49016, 0.94331), (0, 10, 0.0, 0.27753), (10, 10, 0.72246, 1.0)])
  func wilson(count: Int, n: Int, low: Double, high: Double) {
    let interval = Wilson.interval(count, of: n)
    #expect(abs(interval.low - low) < 1e-4)
    #expect(abs(interval.high - high) < 1e-4)
    #expect(interval.method == "wilson")
  }

  @Test("a bootstrap interval holds the mean, is the same every time, and is a point where nothing varies")
  func bootstrap() throws {
    let values = (0..<50).map { Double($0 % 7) }
    let mean = values.reduce(0, +) / 50
    let interval = try #require(Bootstrap.interval(ofMean: values))
    #expect(interval.low < mean && mean < interval.high)
    #expect(Bootstrap.interval(ofMean: values) == interval)
    #expect(Bootstrap.interval(ofMean: [3, 3, 3]).map { [$0.low, $0.high] } == [3, 3])
    #expect(Bootstrap.interval(ofMean: [3]) == nil)
  }

  @Test("the bootstrap interval of many normal values is nearly the normal one")
  func bootstrapWidth() throws {
    var mean = StreamingMean()
    // Evenly spread: the standard deviation of 0..<1000 is 288.82.
    for i in 0..<1000 { mean.add(Double(i)) }
    let interval = try #require(mean.interval)
    let half = 1.96 * 288.82 / 1000.0.squareRoot()
    #expect(abs((interval.high - interval.low) / 2 - half) < 0.1 * half)
    #expect(abs(mean.standardDeviation - 288.82) < 0.01)
  }

  @Test("means of more values than are kept have the normal interval")
  func normalInterval() throws {
    var mean = StreamingMean(keeping: 3)
    for value in [1.0, 2, 3, 4] { mean.add(value) }
    // Variance 5/3, standard error √(5/12).
    let interval = try #require(mean.interval)
    #expect(interval.method == "normal")
    #expect(abs(interval.high - (2.5 + 1.959964 * (5.0 / 12).squareRoot())) < 1e-6)
  }

  @Test("ranks of ties are shared")
  func ranks() { #expect(Ranks.ranks([10, 30, 20, 20]) == [1, 4, 2.5, 2.5]) }

  @Test("Spearman's correlation")
  func spearman() throws {
    #expect(Ranks.spearman([1, 2, 3, 4], [1, 4, 9, 16]) == 1)
    #expect(Ranks.spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1)
    // 1 - 6 Σd² / (n (n² - 1)) with d = (0, 1, -1): 1 - 12/24.
    #expect(try abs(#require(Ranks.spearman([1, 2, 3], [1, 3, 2])) - 0.5) < 1e-12)
    #expect(Ranks.spearman([1, 2, 3], [5, 5, 5]) == nil)
  }

  @Test("the area under the curve counts ties half")
  func area() {
    #expect(Ranks.areaUnderCurve([1, 2, 3, 4], isPositive: [false, false, true, true]) == 1)
    #expect(Ranks.areaUnderCurve([1, 1], isPositive: [false, true]) == 0.5)
    // Positives 2 and 4 against negatives 1 and 3: three wins of four.
    #expect(Ranks.areaUnderCurve([1, 2, 3, 4], isPositive: [false, true, false, true]) == 0.75)
    #expect(Ranks.areaUnderCurve([1, 2], isPositive: [true, true]) == nil)
  }

  @Test("few orders are all tried: the p-value of a strict order of four, both ways, is 2 of 24")
  func exactPermutations() {
    let values = [1.0, 2, 3, 4]
    let pValue = PermutationTest.pValue(n: 4) { order in
      abs(Ranks.pearson(values, order.map { values[$0] }) ?? 0)
    }
    #expect(abs(pValue - 2.0 / 24) < 1e-12)
  }

  @Test("of many orders a sample is tried, and the p-value is never 0")
  func sampledPermutations() {
    let values = (0..<12).map(Double.init)
    let pValue = PermutationTest.pValue(n: 12) { order in Ranks.pearson(values, order.map { values[$0] }) ?? 0 }
    #expect(pValue == 1.0 / 10_000)
  }

  @Test("two aces in two draws of a pack of cards: 4 · 3 / (52 · 51)")
  func hypergeometric() {
    #expect(abs(Hypergeometric.upperTail(2, drawn: 2, marked: 4, of: 52) - 12.0 / 2652) < 1e-12)
    #expect(abs(Hypergeometric.upperTail(0, drawn: 2, marked: 4, of: 52) - 1) < 1e-12)
  }

  @Test("token errors over expected tokens")
  func ratio() throws {
    var ratio = CountedRatio()
    for _ in 0..<40 {
      ratio.add(0, over: 4)
      ratio.add(2, over: 4)
    }
    #expect(ratio.value == 0.25)
    let interval = try #require(ratio.interval())
    // The standard error of a mean of 80 values 0 and 0.5 is 0.25 / √80 = 0.028.
    #expect(abs((interval.high - interval.low) / 2 - 1.96 * 0.028) < 0.015)
    #expect(interval.low < 0.25 && 0.25 < interval.high)
  }

  @Test("points of a circle give it back")
  func circle() throws {
    // 3-4-5 and 5-12-13 triangles about (1, 2), 13 long.
    let points = [(13, 0), (-5, 12), (5, -12), (12, 5), (0, -13)].map { (x: 1.0 + Double($0.0), y: 2.0 + Double($0.1)) }
    let fit = try #require(CircleFit(points))
    #expect(abs(fit.x - 1) < 1e-9 && abs(fit.y - 2) < 1e-9 && abs(fit.radius - 13) < 1e-9)
    #expect(fit.residual < 1e-9)
    #expect(CircleFit([(0, 0), (1, 1), (2, 2)]) == nil, "a line is no circle")
  }

  @Test("silhouette of two pairs: (4 - 1) / 4 or so for each")
  func silhouette() {
    // 0 and 1 against 4 and 5: inside 1; outside 4.5, 3.5, 3.5, 4.5.
    let values = Silhouette.values(RealMatrix([[0], [1], [4], [5]]), [0, 0, 1, 1])
    let expected = [3.5 / 4.5, 2.5 / 3.5, 2.5 / 3.5, 3.5 / 4.5]
    for (value, expected) in zip(values, expected) { #expect(abs(value - expected) < 1e-9) }
  }

  @Test("one weight of a logistic regression by hand")
  func logistic() throws {
    // Rows ±1 with their sign as class, C = 1: w minimises w²/2 + 2 log(1 + exp(-w)), so w (1 + exp(w)) = 2.
    let fit = try LogisticRegression(RealMatrix([[1], [-1]]), isPositive: [true, false], strength: 1)
    #expect(abs(fit.weights[0] * (1 + exponential(fit.weights[0])) - 2) < 1e-9)
    #expect(abs(fit.intercept) < 1e-9)
  }

  private func exponential(_ x: Double) -> Double {
    // By its series, which needs no library and converges at once for small x.
    (1...30).reduce((1.0, 1.0)) { ($0.0 + $0.1 * x / Double($1), $0.1 * x / Double($1)) }.0
  }
}
