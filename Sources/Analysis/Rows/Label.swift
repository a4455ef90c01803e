import SonarModel
import SweepSpec

/// Something units can be told apart by: an axis of the sweep, an attribute of one, or the language decoded into.
package struct Label: Hashable, Sendable {
  package let name: String
  /// The index of the axis in the coordinates; the target languages come after the sweep's axes.
  package let axis: Int
  package let isAttribute: Bool
  /// How many different values it has.
  package let count: Int
  private let values: Axis.Values
  /// Of an attribute: the value's id at each index of the axis.
  private let ids: [Int]?

  /// An axis. Values are numbered as on it.
  package init(axis: Axis, at index: Int) {
    (name, self.axis, isAttribute) = (axis.name, index, false)
    (count, values, ids) = (axis.count, axis.values, nil)
  }

  /// An attribute of an axis. Values are numbered as they first appear.
  package init(attribute: Axis.Attribute, at index: Int) {
    (name, axis, isAttribute) = (attribute.name, index, true)
    var distinct: [String] = []
    var known: [String: Int] = [:]
    ids = (0..<attribute.values.count).map { position in
      let value = attribute.values.label(at: position)
      if let id = known[value] { return id }
      known[value] = distinct.count
      distinct.append(value)
      return distinct.count - 1
    }
    (count, values) = (distinct.count, .strings(distinct))
  }

  /// The number of the value at an index of the axis.
  package func id(at index: Int) -> Int { ids?[index] ?? index }

  package func value(_ id: Int) -> String { values.label(at: id) }

  /// The number of a value; nil where it has no such value.
  package func id(of value: String) -> Int? {
    if case .range(let start, let count) = values {
      guard let number = Int(value), number >= start, number - start < count else { return nil }
      return number - start
    }
    return (0..<count).first { values.label(at: $0) == value }
  }

  /// The indices of the axis with one of these values, in order.
  package func indices(of wanted: Set<Int>) -> [Int] {
    ids.map { ids in ids.indices.filter { wanted.contains(ids[$0]) } } ?? wanted.sorted()
  }

  /// Whether the axis's values are numbers, which can be an axis of a figure.
  package var isNumeric: Bool { number(0) != nil && (count < 2 || number(count - 1) != nil) && !isText }

  /// A value as a number.
  package func number(_ id: Int) -> Double? { Double(value(id)) }

  private var isText: Bool { if case .strings = values, !isAttribute { true } else { false } }
}

/// The labels of a job's units.
package struct Labels: Sendable {
  /// The language decoded into.
  package static let target = "target"

  /// Axes, then attributes, then `target` where the job decodes.
  package let all: [Label]
  /// Lengths of the axes, the target languages' last.
  package let shape: [Int]
  /// How many of them are the sweep's.
  package let sweepAxes: Int

  package init(axes: [Axis], targets: [String] = []) {
    sweepAxes = axes.count
    let target = targets.isEmpty ? [] : [Axis(Self.target, .strings(targets))]
    shape = (axes + target).map(\.count)
    all =
      (axes + target).enumerated().map { Label(axis: $1, at: $0) }
      + axes.enumerated().flatMap { i, axis in axis.attributes.map { Label(attribute: $0, at: i) } }
  }

  package init(of job: Job) {
    self.init(axes: job.sweep.axes, targets: job.spec.decode?.languages.map(\.rawValue) ?? [])
  }

  /// The names, without `target` unless decodes are asked about.
  package func names(ofDecodes: Bool) -> [String] {
    all.map(\.name).filter { ofDecodes || $0 != Self.target }
  }

  package func label(_ name: String) -> Label? { all.first { $0.name == name } }

  /// The label of a name an analysis was read with. Throws where a remote sender or another job's analysis names one that
  /// is not there.
  package func find(_ name: String) throws -> Label {
    guard let label = label(name) else {
      throw AnalysisError(
        "the run has no axis or attribute '\(name)'; it has \(all.map(\.name).joined(separator: ", "))")
    }
    return label
  }

  package func find(_ names: [String]) throws -> [Label] { try names.map(find) }
}
