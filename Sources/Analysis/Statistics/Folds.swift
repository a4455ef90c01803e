import SweepSpec

/// Folds of a cross-validation. Units of one group are in one fold, by the hash of the group's number, so that a fold is
/// never in step with the sweep.
package struct Folds: Sendable {
  package let count: Int

  package init(_ count: Int) { self.count = count }

  package func fold(ofGroup group: UInt64) -> Int { Int(SeededGenerator.hash(group) % UInt64(count)) }
}

/// Which units belong together when a classifier is tested: those that share a value of `group`; else those that differ
/// only on the class's axis, or, where the class is an attribute, those of one value of its axis.
struct UnitGroups {
  private let group: Label?
  private let classes: Label
  private let shape: [Int]

  init(_ labels: Labels, class classes: Label, group: String?) throws {
    self.group = try group.map(labels.find)
    self.classes = classes
    shape = labels.shape
  }

  func id(_ unit: UnitRows.Unit) -> UInt64 {
    if let group { return UInt64(group.id(at: unit.coordinates[group.axis])) }
    if classes.isAttribute { return UInt64(unit.coordinates[classes.axis]) }
    return unit.rest(without: [classes.axis], shape)
  }

  /// What is worth telling in a job: the language, and labels that sentences were given; twins of one `pair` stay
  /// together.
  static func suggested(for job: Job) -> [(class: String, group: String?)] {
    let labels = Labels(of: job)
    return labels.all.filter {
      ($0.isAttribute ? $0.name == "label" : $0.name == "language") && $0.count >= 2 && $0.count <= 32
        && job.sweep.unitCount >= 20
    }.map { classes in
      (classes.name, classes.isAttribute && labels.label("pair") != nil ? "pair" : nil)
    }
  }
}
