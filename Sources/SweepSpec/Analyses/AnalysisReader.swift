/// Reads a job file's `analyses`: a list of names, or of mappings with the key `analysis` and the analysis's own.
struct AnalysisReader {
  let types: [any AnalysisSpec.Type]
  let job: Job

  /// The analyses without mistakes; the mistakes of the others are reported. An empty list is one of none.
  func read(_ value: YAMLValue) -> [any AnalysisSpec] {
    if value.isEmptyList { return [] }
    return (value.list() ?? []).compactMap { item in
      guard item.isScalar else { return item.mapping(read) }
      guard let type = item.choice(names).flatMap(type) else { return nil }
      return item.emptyMapping { type.init(reading: $0, of: job) }
    }
  }

  private func read(_ mapping: YAMLMapping) -> (any AnalysisSpec)? {
    let name = mapping.required("analysis", "one of \(names.joined(separator: ", "))")?.choice(names)
    guard let type = name.flatMap(type) else {
      // Which other keys are right depends on the analysis.
      mapping.ignoreUnread()
      return nil
    }
    return type.init(reading: mapping, of: job)
  }

  private func type(_ name: String) -> (any AnalysisSpec.Type)? { types.first { $0.name == name } }

  private var names: [String] { types.map { $0.name } }
}
