/// A named, ordered list of labelled values.
public struct Axis: Hashable, Sendable {
  public enum Values: Hashable, Sendable {
    case strings([String])
    case integers([Int])
    /// `count` integers from `start`, held as two numbers.
    case range(start: Int, count: Int)
  }

  public let name: String
  public let values: Values

  public init(_ name: String, _ values: Values) {
    self.name = name
    self.values = values
  }

  public var count: Int {
    switch values {
    case .strings(let values): values.count
    case .integers(let values): values.count
    case .range(_, let count): count
    }
  }

  /// The value at an index, as text.
  public func label(at index: Int) -> String {
    switch values {
    case .strings(let values): values[index]
    case .integers(let values): String(values[index])
    case .range(let start, _): String(start + index)
    }
  }
}
