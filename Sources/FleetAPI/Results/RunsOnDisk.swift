import Foundation
import HTTPTypes
import ResultStore
import SweepSpec

/// The runs below a results directory, as clients name them: by listing, so that no name leads anywhere else.
struct RunsOnDisk: Sendable {
  /// Nil where the coordinator was told of no results.
  let results: URL?

  /// The directory of the run whose id is `name`, or else the only one whose id starts with it.
  ///
  /// - Throws: `Problem` where there is none, or several.
  func find(_ name: String) async throws -> URL {
    guard let results else { throw Self.noResults }
    let runs = try await Blocking.run { ResultReader.runs(in: results) }
    if let run = runs.first(where: { $0.lastPathComponent == name }) { return run }
    let matches = runs.filter { $0.lastPathComponent.hasPrefix(name) }
    guard let run = matches.first else {
      throw Problem(
        .notFound,
        "there are no results of a job '\(name)': there is no such job, or its first units are not committed yet; "
          + "see /api/v1/jobs")
    }
    guard matches.count == 1 else {
      let ids = matches.prefix(5).map(\.lastPathComponent).joined(separator: " or ")
      throw Problem(.conflict, "'\(name)' could be \(ids)\(matches.count > 5 ? " or others" : "")")
    }
    return run
  }

  static var noResults: Problem {
    Problem(
      .conflict,
      "this coordinator knows no results directory; whoever runs it adds --results DIR, which the aggregator writes to")
  }

  /// Runs a body that reads a run, away from the threads that answer.
  ///
  /// - Throws: `Problem` where the run cannot be read.
  func read<Result: Sendable>(_ run: URL, _ body: @escaping @Sendable (ResultReader) throws -> Result) async throws
    -> Result
  {
    do {
      return try await Blocking.run { try body(ResultReader(run)) }
    } catch let error as StoreError {
      throw Problem(
        error.isStorageProblem ? .serviceUnavailable : .internalServerError,
        "the results of \(run.lastPathComponent) cannot be read: \(error)")
    }
  }
}
