import Report
import Testing

@Suite("Scales")
struct ScaleTests {
  @Test(
    "marks are round values within the domain",
    arguments: [
      (0.0, 1.0, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (-1.5, 1.5, ["−1.5", "−1.0", "−0.5", "0", "0.5", "1.0", "1.5"]),
      (3.0, 3.0, ["2.7", "2.8", "2.9", "3.0", "3.1", "3.2", "3.3"]),
      (0.0, 4e-7, ["0", "10⁻⁷", "2·10⁻⁷", "3·10⁻⁷", "4·10⁻⁷"]),
    ])
  func marks(low: Double, high: Double, labels: [String]) {
    #expect(Scale(bounds: low...high).ticks.map(\.label) == labels)
  }

  @Test("a logarithmic scale marks powers of ten, and 2 and 5 between where they are few")
  func logarithmic() {
    #expect(Scale(bounds: 1...100, isLogarithmic: true).ticks.map(\.label) == ["1", "2", "5", "10", "20", "50", "100"])
    #expect(Scale(bounds: 1e-3...1e3, isLogarithmic: true).ticks.map(\.value.description).count == 7)
  }

  @Test("values fall between the ends in proportion")
  func mapping() {
    var scale = Scale(bounds: 10...20)
    (scale.start, scale.end) = (100, 0)
    #expect(scale(10) == 100 && scale(20) == 0 && scale(15) == 50)
  }
}
