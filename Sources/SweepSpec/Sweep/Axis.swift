/// A named, ordered list of labelled values.
public struct Axis: Hashable, Sendable {
  public enum Values: Hashable, Sendable {
    case strings([String])
    case integers([Int])
    case numbers([Double])
    /// `count` integers from `start`, held as two numbers.
    case range(start: Int, count: Int)
  }

  /// Something else that is known of every value of an axis, such as a sentence's class: a second label.
  public struct Attribute: Hashable, Sendable {
    public let name: String
    public let values: Values

    public init(_ name: String, _ values: Values) {
      self.name = name
      self.values = values
    }
  }

  public let name: String
  public let values: Values
  /// Each as long as the axis.
  public let attributes: [Attribute]

  public init(_ name: String, _ values: Values, attributes: [Attribute] = []) {
    self.name = name
    self.values = values
    self.attributes = attributes
  }

  public var count: Int { values.count }

  /// The value at an index, as text.
  public func label(at index: Int) -> String { values.label(at: index) }
}

extension Axis.Values {
  public var count: Int {
    switch self {
    case .strings(let values): values.count
    case .integers(let values): values.count
    case .numbers(let values): values.count
    case .range(_, let count): count
    }
  }

  var isFinite: Bool { if case .numbers(let values) = self { values.allSatisfy(\.isFinite) } else { true } }

  /// The value at an index, as text; a number without needless digits.
  public func label(at index: Int) -> String {
    switch self {
    case .strings(let values): values[index]
    case .integers(let values): String(values[index])
    case .numbers(let values):
      values[index] == values[index].rounded() && abs(values[index]) < 1e15
        ? String(Int(values[index])) : String(values[index])
    case .range(let start, _): String(start + index)
    }
  }
}
