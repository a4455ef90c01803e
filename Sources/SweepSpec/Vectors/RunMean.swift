/// The mean of a run's embeddings, of all units that are done and selected, or a mean per label of one axis.
struct RunMean {
  /// [dim], or [labels, dim].
  let values: [Float]
  /// The labels of the axis the rows are along; nil without one.
  let labels: [String]?

  /// - Parameter axis: the index of the axis whose selected labels have a row each; nil for one mean of all.
  /// - Throws: `SweepError` where a mean is of no unit.
  init(of run: any RunEmbeddings, where selection: RunSelection, rows axis: Int? = nil) throws {
    let sweep = run.job.sweep
    let kept = axis.map { axis in (0..<sweep.axes[axis].count).filter { selection.contains($0, on: axis) } }
    labels = axis.flatMap { axis in kept?.map { sweep.axes[axis].label(at: $0) } }
    let dim = run.job.spec.model.dim
    guard !run.isPlanned else {
      values = [Float](repeating: 0, count: (labels?.count ?? 1) * dim)
      return
    }
    var rowOf = [Int?](repeating: axis == nil ? 0 : nil, count: axis.map { sweep.axes[$0].count } ?? 1)
    for (row, index) in (kept ?? []).enumerated() { rowOf[index] = row }
    var means = [MeanAccumulator](repeating: MeanAccumulator(), count: labels?.count ?? 1)
    var place = UnitCoordinates(sweep)
    try run.forEachUnit { unit, embedding in
      place.move(to: unit)
      guard selection.contains(place.indices), !embedding[0].isNaN,
        let row = rowOf[axis.map { place.indices[$0] } ?? 0]
      else { return }
      means[row].add(embedding)
    }
    if let empty = means.firstIndex(where: { $0.count == 0 }) {
      let what = labels.map { "'\($0[empty])'" } ?? "what was selected"
      throw SweepError("no unit of \(run.job.id) for \(what) is done, so it has no mean")
    }
    values = means.flatMap(\.mean)
  }
}

/// The coordinates of units that are gone through in order, without dividing for each.
private struct UnitCoordinates {
  private let sweep: Sweep
  private var unit: UnitIndex = 0
  private(set) var indices: [Int]

  init(_ sweep: Sweep) {
    self.sweep = sweep
    indices = [Int](repeating: 0, count: sweep.axes.count)
  }

  mutating func move(to next: UnitIndex) {
    defer { unit = next }
    guard next != unit else { return }
    guard next == unit + 1 else {
      indices = sweep.coordinates(of: next)
      return
    }
    for axis in indices.indices.reversed() {
      indices[axis] += 1
      if indices[axis] < sweep.axes[axis].count { return }
      indices[axis] = 0
    }
  }
}
