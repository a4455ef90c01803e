/// The mean of another run's embeddings over some of its axes: `{run: positions, over: [token, filler]}`, optionally
/// only where axes or attributes have given labels: `where: {filler: [_, the], length: 12}`.
///
/// An axis neither in `over` nor held at one label gives a row per label; there may be one such axis.
enum MeanVector: VectorForm {
  static let name = "mean"
  static let example = "{mean: {run: NAME, over: [token, filler]}}"

  static func values(_ value: YAMLValue, in context: JobContext, from sources: VectorSources) throws -> VectorValues? {
    try value.mapping { mapping in
      let runValue = mapping.required("run", "the run whose embeddings are averaged: its id, or the start of it")
      let overValue = mapping.required("over", "the axes to average over, as [token, filler]")
      let whereValue = mapping.optional("where")
      guard let run = try runValue.flatMap(sources.run), let overValue else { return nil }
      let axes = run.job.sweep.axes.map(\.name)
      let over = overValue.distinctList { $0.choice(axes) }
      let selection = RunSelection(whereValue, of: run.job)
      guard let over, let selection else { return nil }
      let left = axes.indices.filter { !over.contains(axes[$0]) && !selection.isFixed($0) }
      guard left.count <= 1 else {
        overValue.report(
          "\(left.map { axes[$0] }.joined(separator: " and ")) remain; a table has rows along one axis. Average over the "
            + "others too, or hold them at one label with where: {\(axes[left[0]]): LABEL}")
        return nil
      }
      let mean = try RunMean(of: run, where: selection, rows: left.first)
      return VectorValues(mean.values, rows: mean.labels)
    }
  }
}
