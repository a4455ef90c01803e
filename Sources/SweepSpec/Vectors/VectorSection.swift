import SonarModel

/// The `vectors` section of a job: names, and how each vector is made. All are computed while the job is read, and kept
/// as `.npy` assets: what runs later is the values, wherever they came from.
enum VectorSection {
  static func read(_ value: YAMLValue, in context: JobContext, from sources: VectorSources) throws {
    for (name, entry) in value.entries() ?? [] where isName(name, entry) {
      guard let vector = try values(entry, in: context, from: sources) else { continue }
      let dim = vector.values.count / (vector.rows?.count ?? 1)
      guard dim == sources.model.dim else {
        entry.report("the vector has \(dim) values, embeddings of \(sources.model.name) have \(sources.model.dim)")
        continue
      }
      guard vector.values.allSatisfy(\.isFinite) else {
        entry.report("the vector has values that are not finite numbers")
        continue
      }
      let content = NPYArray(shape: vector.rows.map { [$0.count, dim] } ?? [dim], values: vector.values).content
      context.add(
        VectorReference(name: name, asset: AssetReference(of: content), rows: vector.rows), content: content)
    }
  }

  private static func values(
    _ entry: YAMLValue, in context: JobContext, from sources: VectorSources
  ) throws -> VectorValues? {
    try entry.mapping { mapping in
      let given = VectorForms.all.compactMap { form in mapping.optional(form.name).map { (form, $0) } }
      guard given.count == 1 else {
        mapping.report(
          "a vector is made in one way: \(VectorForms.all.map { $0.example }.joined(separator: " or "))")
        return nil
      }
      do {
        return try given[0].0.values(given[0].1, in: context, from: sources)
      } catch let error as SweepError {
        given[0].1.report("\(error)")
      } catch let error as TokenizerError {
        given[0].1.report("\(error)")
      }
      return nil
    }
  }

  /// Expressions use names too, so that they are letters, digits and underscores.
  private static func isName(_ name: String, _ entry: YAMLValue) -> Bool {
    let isGood =
      name.first.map { $0.isLetter || $0 == "_" } ?? false
      && name.count <= 64 && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    if !isGood {
      entry.report("'\(name)' is no name for a vector: letters, digits and underscores, not starting with a digit")
    }
    return isGood
  }
}
