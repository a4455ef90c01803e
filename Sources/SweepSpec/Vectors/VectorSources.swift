import SonarModel

/// What vectors are made from: the job's model and other runs.
struct VectorSources {
  let model: JobSpec.Model
  let encoder: any SequenceEncoder
  /// Nil where no results directory was given.
  let runs: (any RunVectors)?
  let fitting: (any WeightFitting)?

  /// The run a key names, made with the job's model; nil after reporting.
  func run(_ value: YAMLValue) throws -> (any RunEmbeddings)? {
    guard let name = value.word() else { return nil }
    guard let runs else {
      value.report("'\(name)' is a run, and no results directory was given to look for it in")
      return nil
    }
    let run: any RunEmbeddings
    do {
      run = try runs.run(named: name)
    } catch let error as SweepError {
      value.report("\(error)")
      return nil
    }
    // Vectors of another model, or of another precision of it, would be added without anything showing it.
    guard run.job.spec.model.fingerprint == model.fingerprint, run.job.spec.model.dim == model.dim else {
      value.report(
        "\(run.job.id) was made with \(Self.describe(run.job.spec.model)), this job uses \(Self.describe(model)); "
          + "vectors do not mean the same in two models")
      return nil
    }
    return run
  }

  private static func describe(_ model: JobSpec.Model) -> String {
    "\(model.name) (\(model.precisionName), \(model.dim) values, fingerprint \(model.fingerprint))"
  }
}
