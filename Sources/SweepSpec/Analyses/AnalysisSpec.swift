/// What a job file says of one analysis. Which there are is not known here: `Analysis` adds how each is done.
public protocol AnalysisSpec: Codable, Sendable {
  /// The word in the job's `analyses` list.
  static var name: String { get }
  /// One line for `--help` and error messages.
  static var summary: String { get }

  /// Reads the analysis's keys; returns nil after reporting what is wrong with them, as an axis the sweep does not have.
  init?(reading mapping: YAMLMapping, of job: Job)
}
