/// An ordered list of axes and a pure function from coordinates to a probe. Never materialised: a sweep of 10^12 units
/// is as small as its axes.
public struct Sweep: Sendable {
  public let axes: [Axis]
  /// The number of units, the product of the axes' lengths.
  public let unitCount: UInt64
  private let makeProbe: @Sendable (_ coordinates: [Int], _ unit: UnitIndex) -> Probe?

  /// - Parameter probe: the probe at coordinates (one index per axis); nil where the combination does not exist, as
  ///   position 7 of a sequence of 5. Such a unit is skipped.
  /// - Throws: `SweepError` when an axis is empty or the product overflows.
  public init(axes: [Axis], probe: @escaping @Sendable (_ coordinates: [Int], _ unit: UnitIndex) -> Probe?) throws {
    var count: UInt64 = 1
    for axis in axes {
      guard axis.count > 0 else { throw SweepError("the axis '\(axis.name)' is empty") }
      let (product, overflow) = count.multipliedReportingOverflow(by: UInt64(axis.count))
      guard !overflow, product <= UInt64(Int64.max) else { throw SweepError("the sweep has more than 2^63 units") }
      count = product
    }
    try Self.checkLabels(of: axes)
    self.axes = axes
    self.unitCount = count
    makeProbe = probe
  }

  /// Axes and attributes become columns and coordinates side by side, and SQL does not tell `a` from `A`.
  private static func checkLabels(of axes: [Axis]) throws {
    var names: Set<String> = []
    for name in axes.flatMap({ [$0.name] + $0.attributes.map(\.name) })
    where !names.insert(name.lowercased()).inserted {
      throw SweepError("two axes or attributes are named '\(name)'")
    }
    for axis in axes {
      for attribute in axis.attributes where attribute.values.count != axis.count {
        throw SweepError(
          "the attribute '\(attribute.name)' has \(attribute.values.count) values, its axis '\(axis.name)' \(axis.count)"
        )
      }
      guard ([axis.values] + axis.attributes.map(\.values)).allSatisfy(\.isFinite) else {
        throw SweepError("the axis '\(axis.name)' has a number that is not finite")
      }
    }
  }

  /// The unit's index on each axis, row-major: the last axis moves fastest. `unit` must be below `unitCount`.
  public func coordinates(of unit: UnitIndex) -> [Int] {
    var remainder = unit
    var coordinates = [Int](repeating: 0, count: axes.count)
    for i in axes.indices.reversed() {
      let (quotient, index) = remainder.quotientAndRemainder(dividingBy: UInt64(axes[i].count))
      coordinates[i] = Int(index)
      remainder = quotient
    }
    return coordinates
  }

  /// What the unit computes; nil where its coordinates do not go together and it is skipped.
  public func probe(of unit: UnitIndex) -> Probe? { makeProbe(coordinates(of: unit), unit) }

  /// The labels of a unit's coordinates: `token=dog filler=_ position=3`.
  public func label(of unit: UnitIndex) -> String {
    zip(axes, coordinates(of: unit)).map { "\($0.name)=\($0.label(at: $1))" }.joined(separator: " ")
  }
}

/// A sweep that cannot be built, and why.
public struct SweepError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
