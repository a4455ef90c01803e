import Foundation
import SweepSpec

/// The runs below a results directory, for jobs whose vectors are made from them.
public struct StoredRuns: RunVectors {
  private let results: URL
  /// Ids by name, which come before all else: in a study, a name is the job of that study.
  private let named: [String: JobID]

  public init(_ results: URL, named: [String: JobID] = [:]) {
    self.results = results
    self.named = named
  }

  public func run(named name: String) throws -> any RunEmbeddings {
    let directory = try named[name].map { ResultStore.directory(of: $0, in: results) } ?? find(name)
    let reader = try ResultReader(directory)
    let summary = try reader.summary()
    guard summary.isDone else {
      let open = summary.units - summary.done - summary.failed - summary.skipped
      throw SweepError(
        "\(summary.job) is not finished: \(open) of its \(summary.units) units are missing. Run it to its end first")
    }
    return StoredEmbeddings(job: try reader.job(), directory: directory)
  }

  /// Jobs may be named like others start, so that a whole name counts more than the start of an id.
  private func find(_ name: String) throws -> URL {
    let runs = ResultReader.runs(in: results)
    for fits in [
      { $0 == name }, { $0.dropLast(9) == name && $0.dropLast(8).hasSuffix("-") }, { $0.hasPrefix(name) },
    ] as [(String) -> Bool] {
      let matches = runs.filter { fits($0.lastPathComponent) }
      if matches.count > 1 {
        throw SweepError(
          "'\(name)' could be \(matches.map(\.lastPathComponent).joined(separator: " or ")); write the whole id")
      }
      if let match = matches.first { return match }
    }
    throw SweepError(
      "no run in \(results.path) is named '\(name)', or starts with it; run that job first"
        + (runs.isEmpty ? "" : ". There are \(runs.prefix(20).map(\.lastPathComponent).joined(separator: ", "))"))
  }
}

/// A finished run's embeddings.
public struct StoredEmbeddings: RunEmbeddings {
  public let job: Job
  /// The run's.
  public let directory: URL

  public func forEachUnit(_ body: (UnitIndex, UnsafeBufferPointer<Float>) throws -> Void) throws {
    try ArrayReader("embedding", of: job, in: directory).forEachUnit(body)
  }
}
