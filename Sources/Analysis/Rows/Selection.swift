import SweepSpec

/// Which units an analysis looks at: `select: {filler: _, position: [0, 1]}`; all of them where empty.
package struct Selection: Hashable, Sendable, Codable {
  /// Values by label.
  package var values: [String: [String]]

  package init(_ values: [String: [String]] = [:]) { self.values = values }

  /// Reads the key `select`. Nil after reporting a mistake.
  init?(reading mapping: YAMLMapping, _ labels: Labels, ofDecodes: Bool) {
    guard let select = mapping.optional("select") else {
      self.init()
      return
    }
    let read = select.mapping { mapping -> [String: [String]]? in
      var values: [String: [String]] = [:]
      var isGood = true
      for name in labels.names(ofDecodes: ofDecodes) {
        guard let label = labels.label(name), let value = mapping.optional(name) else { continue }
        values[name] = Self.values(value, of: label)
        isGood = isGood && values[name] != nil
      }
      return isGood ? values : nil
    }
    guard let read else { return nil }
    self.init(read)
  }

  private static func values(_ value: YAMLValue, of label: Label) -> [String]? {
    let read = { (item: YAMLValue) -> String? in
      guard let word = item.word() else { return nil }
      guard label.id(of: word) != nil else {
        item.report("'\(word)' is no value of '\(label.name)', such as '\(label.value(0))'")
        return nil
      }
      return word
    }
    return value.isScalar ? read(value).map { [$0] } : value.distinctList(read)
  }

  /// What findings are labelled with: the selections of a single value.
  package var labels: [String: String] { values.compactMapValues { $0.count == 1 ? $0[0] : nil } }

  /// The indices selected on each axis; nil for all of them. Throws where a label or a value is not there.
  package func indices(_ labels: Labels) throws -> [[Int]?] {
    var selected = [[Int]?](repeating: nil, count: labels.shape.count)
    for (name, values) in values {
      let label = try labels.find(name)
      let ids = try values.map { value in
        guard let id = label.id(of: value) else { throw AnalysisError("'\(value)' is no value of '\(name)'") }
        return id
      }
      let indices = label.indices(of: Set(ids))
      let before = selected[label.axis].map(Set.init)
      selected[label.axis] = indices.filter { before?.contains($0) ?? true }
    }
    return selected
  }
}
