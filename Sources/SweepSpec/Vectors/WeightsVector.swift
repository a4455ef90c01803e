/// The weight direction of a linear probe fitted to another run: `{run: sums, class: label}`, from the first value of
/// the class to the second, of length 1; optionally `where: {axis: label}`.
enum WeightsVector: VectorForm {
  static let name = "weights"
  static let example = "{weights: {run: NAME, class: label}}"

  static func values(_ value: YAMLValue, in context: JobContext, from sources: VectorSources) throws -> VectorValues? {
    try value.mapping { mapping in
      let runValue = mapping.required("run", "the run the probe is fitted to: its id, or the start of it")
      let classValue = mapping.required("class", "the axis or attribute whose two values it tells")
      let whereValue = mapping.optional("where")
      guard let run = try runValue.flatMap(sources.run), let classValue else { return nil }
      let names = run.job.sweep.axes.flatMap { [$0.name] + $0.attributes.map(\.name) }
      let name = classValue.choice(names)
      guard RunSelection(whereValue, of: run.job) != nil, let name else { return nil }
      let labels = (whereValue?.entries() ?? []).map { ($0.key, $0.value.isScalar ? [$0.value.text] : texts($0.value)) }
      if run.isPlanned { return VectorValues([Float](repeating: 0, count: run.job.spec.model.dim)) }
      guard let fitting = sources.fitting else { throw SweepError("this program has no linear probe to fit") }
      return VectorValues(
        try fitting.weightDirection(of: run, class: name, among: Dictionary(labels) { $0 + $1 }))
    }
  }

  /// A list's words, which were checked before.
  private static func texts(_ value: YAMLValue) -> [String] { value.list()?.map(\.text) ?? [] }
}
