import Foundation

/// One thing that was compared, and how it went.
public struct ModelCheck: Sendable, Encodable {
  public enum Outcome: String, Sendable, Encodable {
    case pass
    case fail
    /// It could not be compared, for the reason in `detail`.
    case skipped
  }

  public let name: String
  public let outcome: Outcome
  /// What was measured, in a few words.
  public let detail: String

  static func pass(_ name: String, if passes: Bool, _ detail: String) -> Self {
    Self(name: name, outcome: passes ? .pass : .fail, detail: detail)
  }
}

extension [Float] {
  /// The largest absolute difference of two vectors' values; infinite where lengths differ or a value is not a number.
  func largestDifference(from other: [Float]) -> Float {
    guard count == other.count else { return .infinity }
    var largest: Float = 0
    for (a, b) in zip(self, other) {
      let difference = abs(a - b)
      if difference.isNaN { return .infinity }
      largest = Swift.max(largest, difference)
    }
    return largest
  }

  /// Cosine of the angle between two vectors.
  func cosine(with other: [Float]) -> Float {
    func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    return Float(dot(self, other) / (dot(self, self) * dot(other, other)).squareRoot())
  }
}

extension Float {
  /// As 1.2e-05.
  var brief: String { String(format: "%.1e", self) }
}
