/// A number that may depend on a unit's coordinates.
indirect enum Scalar: Sendable {
  case constant(Double)
  /// The value of an axis of numbers, by the axis's place.
  case axis(Int)
  case sum(Scalar, Scalar)
  case product(Scalar, Scalar)
  case quotient(Scalar, Scalar)

  /// - Parameter coordinates: one index per axis.
  func value(at coordinates: [Int], of axes: [ExpressionAxis]) -> Double {
    switch self {
    case .constant(let value): value
    case .axis(let i): axes[i].number(at: coordinates[i])
    case .sum(let a, let b): a.value(at: coordinates, of: axes) + b.value(at: coordinates, of: axes)
    case .product(let a, let b): a.value(at: coordinates, of: axes) * b.value(at: coordinates, of: axes)
    case .quotient(let a, let b): a.value(at: coordinates, of: axes) / b.value(at: coordinates, of: axes)
    }
  }

  /// Nil where it depends on an axis.
  private var constant: Double? { if case .constant(let value) = self { value } else { nil } }

  // Constants are folded, so that a probe costs what depends on it.

  static func + (a: Scalar, b: Scalar) -> Scalar {
    if let x = a.constant, let y = b.constant { return .constant(x + y) }
    return .sum(a, b)
  }

  static func * (a: Scalar, b: Scalar) -> Scalar {
    if let x = a.constant, let y = b.constant { return .constant(x * y) }
    if a.constant == 1 { return b }
    return b.constant == 1 ? a : .product(a, b)
  }

  static func / (a: Scalar, b: Scalar) -> Scalar {
    if let x = a.constant, let y = b.constant { return .constant(x / y) }
    return .quotient(a, b)
  }

  var isZero: Bool { constant == 0 }
}
