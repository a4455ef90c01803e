import ResultStore
import SweepSpec

/// The values of one array of a run's units that are done, of those selected, in a stream that can be read again.
package struct UnitRows {
  /// A unit's index and its index on each axis.
  package struct Unit {
    package let index: UnitIndex
    package let coordinates: [Int]
  }

  package let axes: [Axis]
  package let labels: Labels
  /// Values per unit.
  package let dim: Int
  /// The most units there can be.
  package let count: UInt64
  private let read: ((UnitIndex, UnsafeBufferPointer<Float>) throws -> Void) throws -> Void

  /// - Parameter array: `embedding`, `token_state` or `input_state`.
  package init(_ run: RunData, array: String = "embedding", select: Selection = Selection()) throws {
    let labels = Labels(of: run.job)
    let reader = try ArrayReader(array, of: run.job, in: run.reader.directory)
    let units = try Self.units(select, labels)
    (axes, self.labels, dim, count) = (run.job.sweep.axes, labels, reader.unitSize, units.count)
    read = { body in try units.forEachRun { try reader.forEachUnit(in: $0, body) } }
  }

  /// Rows in memory, one per unit of these axes; a row that starts with NaN is of a unit that is not done.
  package init(axes: [Axis], rows: [[Float]], select: Selection = Selection()) throws {
    let labels = Labels(axes: axes)
    let units = try Self.units(select, labels)
    (self.axes, self.labels, dim, count) = (axes, labels, rows.first?.count ?? 0, units.count)
    read = { body in
      try units.forEachRun { run in
        for unit in run { try rows[Int(unit)].withUnsafeBufferPointer { try body(unit, $0) } }
      }
    }
  }

  /// Calls `body` for every unit that is done, in order of units, with its values, [dim], which live as long as the call.
  package func forEachUnit(_ body: (Unit, UnsafeBufferPointer<Float>) throws -> Void) throws {
    let shape = labels.shape[..<labels.sweepAxes]
    var coordinates = [Int](repeating: 0, count: shape.count)
    var next: UnitIndex?
    try read { unit, values in
      if unit == next {
        Self.advance(&coordinates, shape)
      } else {
        var rest = unit
        for i in shape.indices.reversed() {
          coordinates[i] = Int(rest % UInt64(shape[i]))
          rest /= UInt64(shape[i])
        }
      }
      next = unit + 1
      if values[0].isFinite { try body(Unit(index: unit, coordinates: coordinates), values) }
    }
  }

  private static func advance(_ coordinates: inout [Int], _ shape: ArraySlice<Int>) {
    for i in shape.indices.reversed() {
      coordinates[i] += 1
      if coordinates[i] < shape[i] { return }
      coordinates[i] = 0
    }
  }

  private static func units(_ select: Selection, _ labels: Labels) throws -> SelectedUnits {
    let selected = try select.indices(labels)
    return SelectedUnits(
      shape: Array(labels.shape[..<labels.sweepAxes]), selected: Array(selected[..<labels.sweepAxes]))
  }
}
