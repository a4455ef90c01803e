import Foundation
import SonarModel
import Yams

/// A job's YAML file.
public enum JobFile {
  /// The model a job names; `sonar-mini` where it names none, nil for `none`.
  public static let defaultModel = "sonar-mini"

  /// Reads and checks a job file.
  ///
  /// - Parameters:
  ///   - model: overrides the file's `model`.
  ///   - library: where models are looked up.
  /// - Throws: `JobError` with every mistake; `ModelError` when the model cannot be found or read.
  public static func load(_ url: URL, model override: String?, library: ModelLibrary) throws -> Job {
    let diagnostics = Diagnostics(file: url.lastPathComponent)
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw JobError([Diagnostic(file: url.path, line: 0, key: "", message: "the file cannot be read as UTF-8 text")])
    }
    let root = try parse(text, diagnostics)
    let job = try read(root, directory: url.deletingLastPathComponent(), model: override, library, diagnostics)
    try diagnostics.check()
    guard let job else { throw JobError([]) }
    return job
  }

  private static func parse(_ text: String, _ diagnostics: Diagnostics) throws -> YAMLValue {
    do {
      if let node = try Yams.compose(yaml: text) { return YAMLValue(node: node, key: "", diagnostics: diagnostics) }
      diagnostics.report(line: 0, key: "", "the file is empty; a job has at least name and sweep")
    } catch let error as YamlError {
      let (line, message) = explain(error)
      diagnostics.report(line: line, key: "", message)
    }
    try diagnostics.check()
    throw JobError([])
  }

  private static func read(
    _ root: YAMLValue, directory: URL, model override: String?, _ library: ModelLibrary, _ diagnostics: Diagnostics
  ) throws -> Job? {
    var failure: (any Error)?
    let job = root.mapping { mapping -> Job? in
      do {
        return try read(mapping, directory: directory, model: override, library, diagnostics)
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

  private static func read(
    _ mapping: YAMLMapping, directory: URL, model override: String?, _ library: ModelLibrary, _ diagnostics: Diagnostics
  ) throws -> Job? {
    let name = mapping.required("name", "a short name for the results").flatMap(self.name)
    _ = mapping.optional("version").map { $0.integer(in: 1...JobSpec.currentVersion) }
    let modelName = mapping.optional("model").map { $0.string() } ?? defaultModel
    let sweepValue = mapping.required("sweep", "what to sweep over; its 'kind' is \(kindNames)")
    let decodeValue = mapping.optional("decode")
    let truncate = mapping.optional("truncate").map { $0.boolean() } ?? false
    guard let modelName = override ?? modelName else { return nil }

    let directoryOfModel = modelName == "none" ? nil : try library.model(named: modelName)
    let config = try directoryOfModel?.config()
    let context = JobContext(
      tokenizer: try directoryOfModel?.tokenizer(), config: config, directory: directory, diagnostics: diagnostics)

    let kind = sweepValue?.mapping { readKind($0, in: context) }
    let decode = decodeValue.map { DecodeSpec($0, in: context) }
    guard let name, let kind, let truncate, decode.map({ $0 != nil }) ?? true else { return nil }
    guard let dim = kind.dim ?? config?.modelDim else {
      mapping.report("model is 'none', but a \(type(of: kind).name) sweep needs a model")
      return nil
    }
    // A kind that sets its own dimension computes nothing with a model.
    let usesModel = kind.dim == nil
    let model = JobSpec.Model(
      name: usesModel ? modelName : "none",
      fingerprint: try usesModel ? directoryOfModel?.fingerprint() ?? .none : .none, dim: dim)
    let spec = JobSpec(
      version: JobSpec.currentVersion, name: name, model: model, sweep: AnySweepKind(kind), decode: decode ?? nil,
      truncate: truncate)
    return try Job(spec: spec, assets: context.assets)
  }

  private static func readKind(_ mapping: YAMLMapping, in context: JobContext) -> (any SweepKind)? {
    let names = SweepKinds.all.map { $0.name }
    guard let name = mapping.required("kind", "one of \(kindNames)")?.choice(names) else { return nil }
    return SweepKinds.kind(named: name)?.init(reading: mapping, in: context)
  }

  private static var kindNames: String { SweepKinds.all.map { $0.name }.joined(separator: ", ") }

  private static func name(_ value: YAMLValue) -> String? {
    guard let name = value.string() else { return nil }
    guard (1...64).contains(name.count), name.allSatisfy(JobID.isAllowed), !name.hasPrefix(".") else {
      value.report("'\(name)' is not a name: 1 to 64 letters, digits, dots, dashes and underscores")
      return nil
    }
    return name
  }

  private static func explain(_ error: YamlError) -> (line: Int, message: String) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, "not valid YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, "the key '\(duplicates.first ?? "?")' stands there twice; keep one")
    default: (0, "not valid YAML: \(error)")
    }
  }
}
