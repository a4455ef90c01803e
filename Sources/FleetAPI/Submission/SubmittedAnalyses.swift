import Foundation
import SweepSpec

/// The job files that were submitted, kept beside the results for their `analyses`, which a job itself does not hold:
/// `RESULTS/.submitted/JOB.yaml`. Reports of these runs, by hand too, do the analyses of this file.
public struct SubmittedAnalyses: Sendable {
  private let directory: URL

  public init(results: URL) { directory = results.appending(path: ".submitted") }

  /// Where a job's file lies, if it was submitted over HTTP.
  public func file(of job: JobID) -> URL { directory.appending(path: "\(job.rawValue).yaml") }

  /// The last one counts: it may ask something new of the same job.
  func keep(_ text: String, of job: JobID) async throws {
    let (directory, file) = (directory, file(of: job))
    try await Blocking.run {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file, options: .atomic)
    }
  }
}
