import SonarModel

/// The values of an axis of whole numbers: a list, or a range held as two numbers.
///
/// In YAML: `[1, 2, 5]`, `{from: 1, to: 32}` (both included) or `{from: 0, to: 100, step: 10}`.
struct IntegerList: Hashable, Sendable, Codable {
  private enum Values: Hashable, Sendable {
    case list([Int])
    case range(from: Int, to: Int)
  }

  private enum CodingKeys: CodingKey { case from, to }

  /// The most values a list with a step may spell out.
  static let maxCount = 100_000

  private let values: Values

  init(_ range: ClosedRange<Int>) { values = .range(from: range.lowerBound, to: range.upperBound) }

  init(_ list: [Int]) { values = .list(list) }

  /// - Parameter range: what values may be.
  init?(_ value: YAMLValue, in range: ClosedRange<Int>) {
    if value.isMapping {
      guard let values = value.mapping({ Self.range($0, in: range) }) else { return nil }
      self.values = values
    } else {
      guard let list = value.distinctList({ $0.integer(in: range) }) else { return nil }
      values = .list(list)
    }
  }

  /// In JSON an array of numbers, or `{"from": first, "to": last}`.
  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: CodingKeys.self) {
      let (from, to) = (try container.decode(Int.self, forKey: .from), try container.decode(Int.self, forKey: .to))
      let (size, overflow) = to.subtractingReportingOverflow(from)
      guard from <= to, !overflow, size < .max else {
        throw SweepError("whole numbers from \(from) to \(to) are no range")
      }
      values = .range(from: from, to: to)
    } else {
      values = .list(try decoder.singleValueContainer().decode([Int].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch values {
    case .list(let list):
      var container = encoder.singleValueContainer()
      try container.encode(list)
    case .range(let from, let to):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(from, forKey: .from)
      try container.encode(to, forKey: .to)
    }
  }

  var count: Int {
    switch values {
    case .list(let list): list.count
    case .range(let from, let to): to - from + 1
    }
  }

  subscript(index: Int) -> Int {
    switch values {
    case .list(let list): list[index]
    case .range(let from, _): from + index
    }
  }

  /// From the smallest to the largest value; nil where there are none.
  var bounds: ClosedRange<Int>? {
    switch values {
    case .list(let list):
      guard let least = list.min(), let most = list.max() else { return nil }
      return least...most
    case .range(let from, let to): return from...to
    }
  }

  func axis(_ name: String) -> Axis {
    switch values {
    case .list(let list): Axis(name, .integers(list))
    case .range(let from, _): Axis(name, .range(start: from, count: count))
    }
  }

  /// Throws `SweepError` unless all values lie in `range`, as in a job file they do.
  func check(_ name: String, in range: ClosedRange<Int>) throws {
    guard let bounds, range.contains(bounds.lowerBound), range.contains(bounds.upperBound) else {
      throw SweepError("\(name) must be whole numbers from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  private static func range(_ mapping: YAMLMapping, in range: ClosedRange<Int>) -> Values? {
    let from = mapping.required("from", "the first value")?.integer(in: range)
    let to = mapping.required("to", "the last value, included")?.integer(in: range)
    let step = mapping.optional("step").map { $0.integer(in: 1...Int(Int32.max)) } ?? 1
    guard let from, let to, let step else { return nil }
    guard from <= to else {
      mapping.report("from \(from) is above to \(to)")
      return nil
    }
    if step == 1 { return .range(from: from, to: to) }
    guard (to - from) / step < maxCount else {
      mapping.report("the steps are more than \(maxCount) values; take larger ones")
      return nil
    }
    return .list(Array(stride(from: from, through: to, by: step)))
  }
}

extension IntegerList {
  /// Positions of content tokens, 0 the first: `all` (or nothing at all), a list or a range.
  ///
  /// - Parameter length: of the sequences, or of the longest of them; nil where it is not known for a mistake.
  /// - Returns: nil after reporting a mistake.
  static func positions(_ value: YAMLValue?, length: Int?) -> IntegerList? {
    if let value, value.isScalar, value.text != "all" {
      value.report("\(value.found) was found; 'all' or a list, as [0, 5, 10], is needed")
      return nil
    }
    guard let length, length > 0 else { return nil }
    guard let value, !value.isScalar else { return IntegerList(0...length - 1) }
    return IntegerList(value, in: 0...length - 1)
  }
}
