/// A list of jobs, and claims about what they find.
public struct Study: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    /// What others of the study call it: `name`, or the file's name without its ending.
    public let name: String
    /// The job's file, relative to the study's.
    public let file: String
    /// Whether `name` was given, and takes the place of the one in the job's file.
    public let isRenamed: Bool
    /// The names of jobs that must be done before.
    public let needs: [String]

    public init(name: String, file: String, isRenamed: Bool = false, needs: [String] = []) {
      (self.name, self.file, self.isRenamed, self.needs) = (name, file, isRenamed, needs)
    }
  }

  public let name: String
  /// In the order they run: each after those it needs, else as in the file.
  public let jobs: [Entry]
  public let claims: [Claim]

  /// - Throws: `StudyOrder.Problem` where a job needs one there is not, or jobs need each other.
  public init(name: String, jobs: [Entry], claims: [Claim]) throws {
    self.name = name
    self.jobs = try StudyOrder.sorted(jobs)
    self.claims = claims
  }

  /// The jobs that cannot run because `name` did not end well: those that need it, and those that need them.
  public func dependents(of name: String) -> Set<String> {
    var lost: Set<String> = []
    for job in jobs where job.needs.contains(where: { $0 == name || lost.contains($0) }) { lost.insert(job.name) }
    return lost
  }
}
