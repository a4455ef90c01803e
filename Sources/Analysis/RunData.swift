import ResultStore
import SweepSpec

/// A run's results as analyses read them.
public final class RunData {
  public let reader: ResultReader
  public let job: Job

  /// Throws `StoreError` where the run cannot be read.
  public init(_ reader: ResultReader) throws {
    self.reader = reader
    job = try reader.job()
  }
}
