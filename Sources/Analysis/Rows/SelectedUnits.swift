import SweepSpec

/// The units of a selection in order, as runs of consecutive indices. Takes no memory but its axes'.
package struct SelectedUnits: Sendable {
  package let shape: [Int]
  /// Indices on each axis; nil for all of them.
  private let selected: [[Int]?]
  /// The axes before this one are walked; it and those after it make one run.
  private let walked: Int

  /// - Parameters:
  ///   - shape: lengths of the sweep's axes.
  ///   - selected: one entry per axis.
  package init(shape: [Int], selected: [[Int]?]) {
    (self.shape, self.selected) = (shape, selected)
    walked = (selected.lastIndex { $0 != nil } ?? -1) + 1
  }

  package var count: UInt64 { zip(shape, selected).reduce(1) { $0 * UInt64($1.1?.count ?? $1.0) } }

  /// Calls `body` for every run, in order.
  package func forEachRun(_ body: (UnitRange) throws -> Void) rethrows {
    guard selected.allSatisfy({ $0?.isEmpty != true }) else { return }
    let run = shape[walked...].reduce(1) { $0 * UInt64($1) }
    var places = [Int](repeating: 0, count: walked)
    while true {
      var index: UInt64 = 0
      for i in 0..<walked { index = index * UInt64(shape[i]) + UInt64(selected[i]?[places[i]] ?? places[i]) }
      try body(index * run..<(index + 1) * run)
      var axis = walked - 1
      while axis >= 0 {
        places[axis] += 1
        if places[axis] < selected[axis]?.count ?? shape[axis] { break }
        places[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
