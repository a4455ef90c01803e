import Foundation

/// fairseq's sinusoidal position encoding: row t is [sin((t + offset) f_j) ... | cos((t + offset) f_j) ...] with
/// f_j = exp(-j ln(10000) / (width / 2 - 1)), computed in float32 as the reference does.
public struct PositionEncoding: Sendable {
  /// [positions, width]
  let table: [Float]
  let width: Int

  /// - Parameter offset: the number of the first position (2 in SONAR: fairseq counts from its pad index 1, plus one).
  public init(positions: Int, width: Int, offset: Int) {
    let half = width / 2
    let step = -Float(log(10000.0)) / Float(max(half - 1, 1))
    let frequencies = (0..<half).map { expf(Float($0) * step) }
    var table = [Float](repeating: 0, count: positions * width)
    for position in 0..<positions {
      for (j, frequency) in frequencies.enumerated() {
        let angle = Float(position + offset) * frequency
        table[position * width + j] = sinf(angle)
        table[position * width + half + j] = cosf(angle)
      }
    }
    self.table = table
    self.width = width
  }
}
