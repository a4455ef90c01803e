import SweepSpec

/// The keys that every analysis of vectors has: `array` (default `embedding`) and `select`.
package struct RowChoice: Hashable, Sendable, Codable {
  package var array: String
  package var select: Selection

  package init(array: String = "embedding", select: Selection = Selection()) {
    (self.array, self.select) = (array, select)
  }

  /// Nil after reporting a mistake.
  init?(reading mapping: YAMLMapping, of job: Job) {
    let arrays = ["embedding"] + job.spec.sweep.kind.states.map(\.rawValue)
    let array = mapping.optional("array").map { $0.choice(arrays) } ?? "embedding"
    let select = Selection(reading: mapping, Labels(of: job), ofDecodes: false)
    guard let array, let select else { return nil }
    self.init(array: array, select: select)
  }

  package func rows(_ run: RunData) throws -> UnitRows { try UnitRows(run, array: array, select: select) }

  /// What findings are labelled with beside their own labels.
  package var labels: [String: String] {
    array == "embedding" ? select.labels : select.labels.merging(["array": array]) { $1 }
  }
}

extension YAMLMapping {
  /// The name of an axis or attribute; nil where the key is not there, or after reporting a mistake.
  func label(_ key: String, _ job: Job, ofDecodes: Bool = false) -> String? {
    optional(key).flatMap { $0.choice(Labels(of: job).names(ofDecodes: ofDecodes)) }
  }

  /// A list of such names, empty where the key is not there; a single one may stand without brackets. Nil after reporting
  /// a mistake.
  func labels(_ key: String, _ job: Job, ofDecodes: Bool = false) -> [String]? {
    guard let value = optional(key) else { return [] }
    let names = Labels(of: job).names(ofDecodes: ofDecodes)
    return value.isScalar ? value.choice(names).map { [$0] } : value.distinctList { $0.choice(names) }
  }

  /// A whole number; nil after reporting a mistake.
  func count(_ key: String, in range: ClosedRange<Int>, default value: Int) -> Int? {
    optional(key).map { $0.integer(in: range) } ?? value
  }
}
