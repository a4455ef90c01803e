import Foundation

/// The values of an axis of numbers.
///
/// In YAML: `[0, 0.5, 1]` or `{from: 0, to: 1, step: 0.1}` (both included).
struct NumberList: Hashable, Sendable, Codable {
  private let values: [Double]

  /// - Parameter range: what values may be.
  init?(_ value: YAMLValue, in range: ClosedRange<Double> = -1e6...1e6) {
    let values =
      value.isMapping
      ? value.mapping { Self.steps($0, in: range) } : value.distinctList { $0.number(in: range) }
    guard let values else { return nil }
    self.values = values
  }

  /// In JSON an array of numbers.
  init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([Double].self)
    guard values.allSatisfy({ Float($0).isFinite }) else { throw SweepError("an axis's numbers must be finite") }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }

  var count: Int { values.count }
  /// The smallest value; nil where there are none.
  var least: Double? { values.min() }

  subscript(index: Int) -> Double { values[index] }

  func axis(_ name: String) -> Axis { Axis(name, .numbers(values)) }

  private static func steps(_ mapping: YAMLMapping, in range: ClosedRange<Double>) -> [Double]? {
    let from = mapping.required("from", "the first value")?.number(in: range)
    let to = mapping.required("to", "the last value, included")?.number(in: range)
    let step = mapping.required("step", "the distance between two values")?.number(in: 1e-9...1e9)
    guard let from, let to, let step else { return nil }
    guard from <= to else {
      mapping.report("from \(from) is above to \(to)")
      return nil
    }
    // A step of 0.1 does not sum up to 1 exactly.
    let count = ((to - from) / step + 1e-6).rounded(.down) + 1
    guard count <= Double(IntegerList.maxCount) else {
      mapping.report("the steps are more than \(IntegerList.maxCount) values; take larger ones")
      return nil
    }
    // Twelve digits: 0.3, not 0.30000000000000004.
    return (0..<Int(count)).compactMap { Double(String(format: "%.12g", from + Double($0) * step)) }
  }
}
