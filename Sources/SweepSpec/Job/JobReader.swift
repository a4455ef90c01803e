import Foundation
import SonarModel
import TensorKernels

/// Reads the top level of a job file: the model, the sweep's kind, what to decode.
struct JobReader {
  let directory: URL
  /// The model of the command line, which the file's gives way to.
  let modelOverride: String?
  let precisionOverride: Precision?
  /// In place of the file's name.
  let nameOverride: String?
  let library: ModelLibrary
  let cache: WeightCache?
  /// Other runs, and what fits probes to them: for the `vectors` section.
  let runs: (any RunVectors)?
  let fitting: (any WeightFitting)?
  let diagnostics: Diagnostics

  /// The section that `AnalysisReader` reads.
  static let analysesKey = "analyses"

  /// The job, or nil after reporting what is wrong with it.
  func read(_ root: YAMLValue) throws -> Job? {
    // `mapping` takes a body that does not throw; an error that is no mistake of the file waits here.
    var failure: (any Error)?
    let job = root.mapping { mapping -> Job? in
      do {
        return try read(mapping)
      } catch let error as SweepError {
        mapping.report("\(error)")
      } catch {
        failure = error
      }
      return nil
    }
    if let failure { throw failure }
    return job
  }

  private func read(_ mapping: YAMLMapping) throws -> Job? {
    let name = mapping.required("name", "a short name for the results").flatMap(self.name)
    _ = mapping.optional("version").map { $0.integer(in: 1...JobSpec.currentVersion) }
    let modelValue = mapping.optional("model")
    let vectorsValue = mapping.optional("vectors")
    let precisionValue = mapping.optional("precision")
    let sweepValue = mapping.required("sweep", "what to sweep over; its 'kind' is \(Self.kindNames)")
    let decodeValue = mapping.optional("decode")
    // Read later, and no part of the job.
    _ = mapping.optional(Self.analysesKey)
    let truncate = mapping.optional("truncate").map { $0.boolean() } ?? false

    let type = sweepValue.flatMap(kindType)
    let usesModel = type?.usesModel ?? true
    let (model, modelIsGood) = try usesModel ? findModel(modelValue, for: type) : (nil, true)
    let precision: Precision? = precisionValue.map { readPrecision($0, usesModel) } ?? .fp32
    let context = JobContext(
      tokenizer: try model?.tokenizer(), config: try model?.config(), directory: directory, diagnostics: diagnostics)
    if let vectorsValue { try readVectors(vectorsValue, model, precision, in: context) }
    let kind = sweepValue?.mapping { readKind($0, type, in: context) }
    let decode = decodeValue.map { DecodeSpec($0, in: context) }
    if !usesModel { decodeValue?.report("a \(type?.name ?? "") sweep has nothing to decode; leave this out") }

    guard let name, let kind, let truncate, let precision, modelIsGood, decode.map({ $0 != nil }) ?? true,
      usesModel || decode == nil,
      let dim = try kind.dim ?? model?.config().modelDim
    else { return nil }
    let spec = JobSpec(
      version: JobSpec.currentVersion, name: nameOverride ?? name,
      model: try describe(model, precisionOverride ?? precision, dim: dim),
      sweep: AnySweepKind(kind), decode: decode ?? nil, truncate: truncate)
    return try Job(spec: spec, assets: context.assets)
  }

  /// The model a sweep runs on; nil and false after reporting that the file names none that can be used.
  private func findModel(_ value: YAMLValue?, for kind: (any SweepKind.Type)?) throws -> (ModelDirectory?, Bool) {
    if let modelOverride { return (try library.model(named: modelOverride), true) }
    guard let value else { return (try library.model(named: JobFile.defaultModel), true) }
    guard let name = value.string() else { return (nil, false) }
    guard name != "none" else {
      // An unknown kind is reported for itself.
      if let kind { value.report("'none' was found; a \(kind.name) sweep needs a model, as \(JobFile.defaultModel)") }
      return (nil, false)
    }
    // A path would lead out of the job's directory; the command line may give one.
    guard !name.contains("/"), name != "..", name != "." else {
      value.report("'\(name)' is a path; write a model's name, and where it is found with --model-path DIR")
      return (nil, false)
    }
    do {
      return (try library.model(named: name), true)
    } catch {
      value.report("\(error)\(Suggestion.text(for: name, among: library.models().map(\.name)))")
      return (nil, false)
    }
  }

  /// Computes the vectors the job names; without a model, or with a mistake in what says which, there is nothing to do.
  private func readVectors(
    _ value: YAMLValue, _ model: ModelDirectory?, _ precision: Precision?, in context: JobContext
  ) throws {
    guard let model, let precision = precisionOverride ?? precision else {
      if model == nil { value.report("a sweep without a model has no vectors; leave this out") }
      return
    }
    let sources = VectorSources(
      model: try describe(model, precision, dim: model.config().modelDim),
      encoder: ModelEncoder(model, precision, cache: cache), runs: runs, fitting: fitting)
    try VectorSection.read(value, in: context, from: sources)
  }

  private func describe(_ model: ModelDirectory?, _ precision: Precision, dim: Int) throws -> JobSpec.Model {
    guard let model else { return JobSpec.Model(name: "none", fingerprint: .none, precision: nil, dim: dim) }
    return JobSpec.Model(
      name: model.name, fingerprint: try model.fingerprint(precision, cache: cache), precision: precision, dim: dim)
  }

  private func readPrecision(_ value: YAMLValue, _ usesModel: Bool) -> Precision? {
    guard usesModel else {
      value.report("a sweep without a model has no precision; leave this out")
      return nil
    }
    return value.choice(Precision.allCases.map(\.rawValue)).flatMap(Precision.init)
  }

  /// The sweep's kind, looked at ahead of its other keys; nil where it is missing or unknown.
  private func kindType(_ sweep: YAMLValue) -> (any SweepKind.Type)? {
    sweep.value(of: "kind").flatMap { SweepKinds.kind(named: $0.text) }
  }

  private func readKind(
    _ mapping: YAMLMapping, _ type: (any SweepKind.Type)?, in context: JobContext
  ) -> (any SweepKind)? {
    let kind = mapping.required("kind", "one of \(Self.kindNames)")?.choice(SweepKinds.all.map { $0.name })
    guard kind != nil, let type else {
      // Which other keys are right depends on the kind.
      mapping.ignoreUnread()
      return nil
    }
    return type.init(reading: mapping, in: context)
  }

  private static var kindNames: String { SweepKinds.all.map { $0.name }.joined(separator: ", ") }

  private func name(_ value: YAMLValue) -> String? {
    guard let name = value.string() else { return nil }
    guard JobID.isName(name) else {
      value.report(
        "'\(name)' is not a name: 1 to 64 letters, digits, dots, dashes and underscores, not starting with a dot")
      return nil
    }
    return name
  }
}
