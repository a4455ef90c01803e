/// The part of a run that has given labels: `{filler: [_, the], length: 12}`, by axes and attributes.
struct RunSelection {
  /// For every axis, which of its indices are in; nil for all.
  private var chosen: [[Bool]?]
  private var fixed: Set<Int> = []

  /// - Parameter value: nil selects all.
  /// - Returns: nil after reporting what the run does not have.
  init?(_ value: YAMLValue?, of job: Job) {
    let axes = job.sweep.axes
    chosen = axes.map { _ in nil }
    guard let value else { return }
    guard let entries = value.entries() else { return nil }
    let names = axes.flatMap { [$0.name] + $0.attributes.map(\.name) }
    var isGood = true
    for (name, entry) in entries {
      let list = entry.isScalar ? entry.word().map { [$0] } : entry.distinctList { $0.word() }
      guard let axis = axes.firstIndex(where: { $0.name == name || $0.attributes.contains { $0.name == name } }) else {
        entry.report(
          "\(job.id) has no axis '\(name)'; it has \(names.joined(separator: ", "))\(Suggestion.text(for: name, among: names))"
        )
        isGood = false
        continue
      }
      let values = axes[axis].attributes.first { $0.name == name }?.values ?? axes[axis].values
      guard let list, let indices = Self.indices(of: list, among: values, entry, "'\(name)' of \(job.id)") else {
        isGood = false
        continue
      }
      chosen[axis] = zip(chosen[axis] ?? indices, indices).map { $0 && $1 }
    }
    guard isGood else { return nil }
    for (axis, indices) in chosen.enumerated() {
      guard let count = indices?.count(where: { $0 }) else { continue }
      guard count > 0 else {
        value.report("no '\(axes[axis].name)' of \(job.id) has all these labels")
        return nil
      }
      if count == 1 { fixed.insert(axis) }
    }
  }

  /// Whether the selection leaves one index of the axis.
  func isFixed(_ axis: Int) -> Bool { fixed.contains(axis) }

  func contains(_ index: Int, on axis: Int) -> Bool { chosen[axis]?[index] ?? true }

  func contains(_ coordinates: [Int]) -> Bool {
    for axis in chosen.indices where chosen[axis]?[coordinates[axis]] == false { return false }
    return true
  }

  private static func indices(
    of labels: [String], among values: Axis.Values, _ entry: YAMLValue, _ what: String
  ) -> [Bool]? {
    var found: Set<String> = []
    let indices = (0..<values.count).map { i in
      let label = values.label(at: i)
      guard labels.contains(label) else { return false }
      found.insert(label)
      return true
    }
    guard let missing = labels.first(where: { !found.contains($0) }) else { return indices }
    let known = (0..<min(values.count, 1000)).map { values.label(at: $0) }
    var shown: [String] = []
    for label in known where !shown.contains(label) && shown.count < 12 { shown.append(label) }
    let more = Set(known).count > shown.count ? ", ..." : ""
    entry.report(
      "\(what) has no '\(missing)'; it has \(shown.joined(separator: ", "))\(more)\(Suggestion.text(for: missing, among: known))"
    )
    return nil
  }
}
