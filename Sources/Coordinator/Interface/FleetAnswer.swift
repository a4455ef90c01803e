/// What a coordinator answers to a `FleetRequest`.
public enum FleetAnswer: Sendable {
  /// The job as it stands now; whether this request brought it in.
  case job(JobView, isNew: Bool)
  case worker(WorkerView)
  case refused(FleetRefusal)
}

/// Why a request was not carried out.
public struct FleetRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// There is no such job or worker.
    case unknown
    /// It is not in a state in which this can be done, as a job that has ended.
    case conflict
    /// The coordinator has as many jobs as it takes.
    case full
    /// It does not run, or does not answer.
    case unavailable
  }

  public let code: Code
  /// For people, with what to do.
  public let description: String

  public init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }
}
