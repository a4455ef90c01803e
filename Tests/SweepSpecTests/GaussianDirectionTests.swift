import SweepSpec
import Testing

@Suite("Noise")
struct GaussianDirectionTests {
  @Test("a direction has length 1 and depends on its seed alone")
  func unitLength() {
    for dim in [1, 2, 3, 256, 1023] {
      let direction = GaussianDirection.values(seed: 7, dim: dim)
      #expect(direction.count == dim)
      #expect(abs(norm(direction) - 1) < 1e-12)
      #expect(direction == GaussianDirection.values(seed: 7, dim: dim))
    }
    let (a, b) = (GaussianDirection.values(seed: 1, dim: 1024), GaussianDirection.values(seed: 2, dim: 1024))
    #expect(abs(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }) < 0.2)
  }

  @Test("an element depends on the seed and its place only, up to the length's factor")
  func prefix() {
    let (short, long) = (GaussianDirection.values(seed: 3, dim: 9), GaussianDirection.values(seed: 3, dim: 256))
    for (a, b) in zip(short, long) { #expect(abs(a / short[0] - b / long[0]) < 1e-9) }
  }

  @Test("elements are distributed normally: the moments and tails of 200,000 of them")
  func distribution() {
    let dim = 100_000
    let values = (0..<2).flatMap { seed in
      GaussianDirection.values(seed: seed, dim: dim).map { $0 * Double(dim).squareRoot() }
    }
    let n = Double(values.count)
    func moment(_ k: Int) -> Double {
      values.reduce(0) { sum, x in sum + (0..<k).reduce(1) { power, _ in power * x } } / n
    }
    // Five standard errors of each.
    #expect(abs(moment(1)) < 5 / n.squareRoot())
    #expect(abs(moment(3)) < 5 * 15.squareRoot() / n.squareRoot())
    #expect(abs(moment(4) - 3) < 5 * 96.squareRoot() / n.squareRoot())
    let beyondTwo = Double(values.count { abs($0) > 2 }) / n
    #expect(abs(beyondTwo - 0.0455) < 0.0025)
  }

  @Test("noise is as long as its scale times the combination's norm, and none where that is 0")
  func length() throws {
    let combination = (0..<256).map { Float($0 % 7) - 3 }
    let noise = try #require(Noise(scale: 0.25, seed: 5).values(for: combination))
    #expect(abs(norm(noise.map { Double($0) }) - 0.25 * norm(combination.map { Double($0) })) < 1e-4)
    #expect(Noise(scale: 0.25, seed: 5).values(for: [0, 0, 0]) == nil)
  }

  private func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
