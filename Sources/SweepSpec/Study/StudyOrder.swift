/// The order in which a study's jobs run.
public enum StudyOrder {
  /// Needs that cannot be met, by a job of the list.
  public struct Problem: Error, Hashable, CustomStringConvertible {
    /// The index of the job.
    public let job: Int
    public let description: String
  }

  /// Each job after those it needs; where nothing forces another order, that of the list.
  static func sorted(_ jobs: [Study.Entry]) throws -> [Study.Entry] {
    let places = Dictionary(jobs.enumerated().map { ($1.name, $0) }) { first, _ in first }
    for (i, job) in jobs.enumerated() {
      for need in job.needs where places[need] == nil {
        let suggestion = Suggestion.text(for: need, among: jobs.map(\.name))
        throw Problem(job: i, description: "'\(job.name)' needs '\(need)', which is no job of the study\(suggestion)")
      }
    }
    var order: [Study.Entry] = []
    var done: Set<String> = []
    while order.count < jobs.count {
      guard let next = jobs.first(where: { !done.contains($0.name) && done.isSuperset(of: $0.needs) }) else {
        throw cycle(jobs, done, places)
      }
      done.insert(next.name)
      order.append(next)
    }
    return order
  }

  /// Follows needs that are not met until a job comes again.
  private static func cycle(_ jobs: [Study.Entry], _ done: Set<String>, _ places: [String: Int]) -> Problem {
    var path: [String] = []
    var next = jobs.first { !done.contains($0.name) }
    while let job = next, !path.contains(job.name) {
      path.append(job.name)
      next = job.needs.first { !done.contains($0) }.flatMap { places[$0] }.map { jobs[$0] }
    }
    let start = next.flatMap { path.firstIndex(of: $0.name) } ?? 0
    let cycle = Array(path[start...])
    return Problem(
      job: cycle.first.flatMap { places[$0] } ?? 0,
      description: "jobs need each other: \((cycle + cycle.prefix(1)).joined(separator: " needs "))")
  }
}
