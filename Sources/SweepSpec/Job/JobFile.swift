import Foundation
import SonarModel
import TensorKernels
import Yams

/// A job's YAML file.
public enum JobFile {
  /// The model a job names; `sonar-mini` where it names none, nil for `none`.
  public static let defaultModel = "sonar-mini"

  /// What a job file says.
  public struct Content: Sendable {
    public let job: Job
    /// Of the file's `analyses`, in their order; nil where it names none. The job's id does not depend on them.
    public let analyses: [any AnalysisSpec]?
  }

  /// Reads and checks a job file, but for its `analyses`.
  ///
  /// - Parameters and errors: as of `read`.
  public static func load(
    _ url: URL, model override: String?, precision: Precision? = nil, library: ModelLibrary, cache: WeightCache? = nil,
    name: String? = nil, runs: (any RunVectors)? = nil, fitting: (any WeightFitting)? = nil
  ) throws -> Job {
    try read(
      url, model: override, precision: precision, library: library, cache: cache, name: name, runs: runs,
      fitting: fitting, analyses: nil
    ).job
  }

  /// Reads and checks a job file.
  ///
  /// - Parameters:
  ///   - analyses: those the file may name; where nil its `analyses` are not looked at.
  ///   - override: a model in place of the file's `model`.
  ///   - precision: overrides the file's `precision`.
  ///   - library: where models are looked up.
  ///   - cache: remembers the hashes of large models.
  ///   - name: overrides the file's `name`.
  ///   - runs: other runs that the job's vectors may be made from.
  ///   - fitting: fits the probes whose weights a vector may be.
  /// - Throws: `JobError` with every mistake; `ModelError` when a model that the file does not name cannot be found or
  ///   read.
  public static func read(
    _ url: URL, model override: String?, precision: Precision? = nil, library: ModelLibrary, cache: WeightCache? = nil,
    name: String? = nil, runs: (any RunVectors)? = nil, fitting: (any WeightFitting)? = nil,
    analyses: [any AnalysisSpec.Type]?
  ) throws -> Content {
    try read(url) { root in
      let reader = JobReader(
        directory: url.deletingLastPathComponent(), modelOverride: override, precisionOverride: precision,
        nameOverride: name, library: library, cache: cache, runs: runs, fitting: fitting, diagnostics: root.diagnostics)
      return try reader.read(root).map { job in
        // What an analysis may name is known only once the job is.
        let specs = analyses.flatMap { types in
          root.value(of: JobReader.analysesKey).map { AnalysisReader(types: types, job: job).read($0) }
        }
        return Content(job: job, analyses: specs)
      }
    }
  }

  /// Reads only the `analyses` of a job's file; nil where it names none.
  ///
  /// - Parameters:
  ///   - job: what the file is of.
  ///   - types: those the file may name.
  /// - Throws: `JobError` with every mistake.
  public static func analyses(
    _ url: URL, of job: Job, types: [any AnalysisSpec.Type]
  ) throws -> [any AnalysisSpec]? {
    try read(url) { root -> [any AnalysisSpec]?? in
      .some(root.value(of: JobReader.analysesKey).map { AnalysisReader(types: types, job: job).read($0) })
    }
  }

  /// Reads a YAML file with a body that reports mistakes. Throws `JobError` with all of them.
  static func read<Result>(_ url: URL, _ body: (YAMLValue) throws -> Result?) throws -> Result {
    let diagnostics = Diagnostics(file: url.lastPathComponent)
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      let exists = FileManager.default.fileExists(atPath: url.path)
      let message = exists ? "the file cannot be read as UTF-8 text" : "there is no such file"
      throw JobError([Diagnostic(file: url.path, line: 0, key: "", message: message)])
    }
    let result = try parse(text, diagnostics).flatMap(body)
    try diagnostics.check()
    guard let result else { throw JobError([]) }
    return result
  }

  static func parse(_ text: String, _ diagnostics: Diagnostics) throws -> YAMLValue? {
    do {
      if let node = try Yams.compose(yaml: text) { return YAMLValue(node: node, key: "", diagnostics: diagnostics) }
      diagnostics.report(line: 0, key: "", "the file is empty; a job has at least name and sweep")
    } catch let error as YamlError {
      let (line, message) = explain(error, in: text)
      diagnostics.report(line: line, key: "", message)
    }
    return nil
  }

  private static func explain(_ error: YamlError, in text: String) -> (line: Int, message: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let place = context.map { "\($0.text) that starts in line \($0.mark.line), " } ?? ""
      return (mark.line, "not valid YAML: \(place)\(problem)")
    case .reader(let problem, let offset, _, _):
      // The offset counts characters.
      let line = text.prefix(offset ?? 0).count(where: \.isNewline) + 1
      return (line, "not valid YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      return (context.mark.line, "the key '\(duplicates.first ?? "?")' stands there twice; keep one")
    default: return (0, "not valid YAML: \(error)")
    }
  }
}
