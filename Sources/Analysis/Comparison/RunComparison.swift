import ResultStore
import SweepSpec

/// Two or more runs side by side: other models, precisions or languages. The others are compared with the first.
public struct RunComparison: Encodable, Sendable {
  public struct Run: Encodable, Sendable {
    public let job: String
    public let model: String
    public let precision: String
    public let kind: String
    public let units: UInt64
    public let status: String
  }

  public let runs: [Run]
  /// Findings that at least two of the runs have.
  public let findings: [FindingComparison]
  /// Of each run but the first.
  public let embeddings: [EmbeddingComparison]
  public let decodes: [DecodeComparison]

  /// - Throws: `StoreError` where a run cannot be read.
  public init(_ readers: [ResultReader]) throws {
    let jobs = try readers.map { try $0.job() }
    runs = try zip(readers, jobs).map { reader, job in
      let summary = try reader.summary()
      return Run(
        job: summary.job, model: summary.model, precision: job.spec.model.precisionName, kind: summary.kind,
        units: summary.units, status: summary.status)
    }
    findings = FindingComparison.of(try readers.map { try $0.findings() })
    let others = readers.indices.dropFirst()
    embeddings = try others.map { i in
      try EmbeddingComparison((jobs[0], readers[0].directory), (jobs[i], readers[i].directory))
    }
    decodes = try others.map { i in try DecodeComparison((jobs[0], readers[0]), (jobs[i], readers[i])) }
  }

  /// Why units of two jobs are not the same units; nil where they are.
  static func difference(_ first: Job, _ other: Job) -> String? {
    let names = (first.sweep.axes.map(\.name), other.sweep.axes.map(\.name))
    guard names.0 == names.1 else {
      return "the axes differ: \(names.0.joined(separator: ", ")) and \(names.1.joined(separator: ", "))"
    }
    let different = zip(first.sweep.axes, other.sweep.axes).first { !$0.hasSameLabels(as: $1) }
    return different.map { "the values of the axis '\($0.0.name)' differ" }
  }
}

extension Axis {
  /// Compares without making a long range's labels.
  fileprivate func hasSameLabels(as other: Axis) -> Bool {
    values == other.values || count == other.count && (0..<count).allSatisfy { label(at: $0) == other.label(at: $0) }
  }
}
