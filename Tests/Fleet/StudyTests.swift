import Foundation
import Testing

@Suite("sonarsweep run on a study", .serialized)
final class StudyTests {
  let directory = FileManager.default.temporaryDirectory.appending(path: "study-\(UUID().uuidString.prefix(8))")
  var results: String { directory.appending(path: "results").path }

  init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private static let jobs = [
    "base.yaml": """
    name: base
    sweep: {kind: position, language: eng_Latn, tokens: [dog, cat], fillers: [_, the], length: 3}
    """,
    "moved.yaml": """
    name: moved
    vectors: {positions: {mean: {run: base, over: [token, filler]}}}
    sweep: {kind: average-shift, shifts: positions, language: eng_Latn, tokens: [bird], fillers: [and], length: 3}
    decode: {languages: [eng_Latn], max_tokens: 8}
    """,
    "other.yaml": "name: other\nmodel: none\nsweep: {kind: null-probe, units: 10, dim: 4}\n",
  ]

  private func write(_ study: String, _ changes: [String: String] = [:]) throws -> String {
    for (name, text) in Self.jobs.merging(changes, uniquingKeysWith: { $1 }) {
      try Data(text.utf8).write(to: directory.appending(path: name))
    }
    let file = directory.appending(path: "study.yaml")
    try Data(study.utf8).write(to: file)
    return file.path
  }

  private static let study = """
    name: small
    jobs:
      - {job: moved.yaml, needs: [base]}
      - {job: base.yaml}
      - {job: other.yaml}
    claims:
      - claim: It moves
        source: the test
        finding: {job: moved, analysis: success, measure: no_such_measure}
        holds: {above: 0.5}
    """

  private func run(_ file: String, _ more: String...) throws -> Sonarsweep.Outcome {
    try Sonarsweep.start(["run", file, "--results", results, "--workers", "1"] + more).wait()
  }

  private func result() throws -> [String: Any] {
    let file = directory.appending(path: "results/small/study.json")
    return try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
  }

  private func statuses() throws -> [String: String] {
    let jobs = try #require(result()["jobs"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: jobs.map { ($0["name"] as? String ?? "?", $0["status"] as? String ?? "?") })
  }

  @Test("jobs run in the order of needs, with vectors from those before; a second time nothing is computed")
  func order() throws {
    let file = try write(Self.study)
    let plan = try Sonarsweep.run("job", "plan", file, "--results", results)
    #expect(plan.status == 0)
    #expect(plan.output.contains("31 units in all, 1 claims"))
    #expect(!FileManager.default.fileExists(atPath: results), "a plan starts nothing")

    let first = try run(file)
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.errors.contains("[1/3] base: 12 units\n"))
    #expect(first.errors.contains("[2/3] moved: 9 units\n"))
    #expect(try statuses() == ["base": "done", "moved": "done", "other": "done"])
    #expect(first.output.contains("undecided"))
    let claims = try #require(result()["claims"] as? [[String: Any]])
    #expect(claims.map { $0["verdict"] as? String } == ["undecided"])

    let second = try run(file, "--output", "json")
    #expect(second.status == 0)
    #expect(second.errors.components(separatedBy: "is complete already").count == 4)
    let printed = try #require(JSONSerialization.jsonObject(with: Data(second.output.utf8)) as? [String: Any])
    #expect(try NSDictionary(dictionary: printed) == NSDictionary(dictionary: result()))
  }

  @Test("mistakes in any of its jobs are told before anything starts, those of vectors from runs to come too")
  func mistakes() throws {
    let moved = try #require(Self.jobs["moved.yaml"])
    let file = try write(
      Self.study,
      ["moved.yaml": moved.replacing("[token, filler]", with: "[token]"), "other.yaml": "name: other\n"])
    let outcome = try run(file)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("moved.yaml:2: vectors.positions.mean.over: filler and position remain"))
    #expect(outcome.errors.contains("other.yaml:1: the key 'sweep' is missing"))
    #expect(!FileManager.default.fileExists(atPath: results))
  }

  @Test("a run that a job's vectors come from must be among what it needs")
  func needs() throws {
    let outcome = try run(write(Self.study.replacing(", needs: [base]", with: "")))
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("it must be among what 'moved' needs"))
  }

  @Test("a job that fails stops those that need it, no others, and shows in the exit code")
  func failure() throws {
    let file = try write(Self.study)
    #expect(try run(file, "--quiet").status == 0)
    // The base run's place is taken by something that cannot be read.
    let base = try #require(
      try FileManager.default.contentsOfDirectory(atPath: results).first { $0.hasPrefix("base-") })
    let run = directory.appending(path: "results/\(base)")
    try FileManager.default.removeItem(at: run)
    try Data("in the way".utf8).write(to: run)
    let outcome = try self.run(file)
    #expect(outcome.status == 1)
    #expect(try statuses() == ["base": "failed", "moved": "not run", "other": "done"])
    #expect(outcome.output.contains("the job 'moved' did not come to its end"))
  }

  @Test("units that fail give exit code 2; what needs the job runs all the same")
  func failedUnits() throws {
    let long = Array(repeating: "dog", count: 600).joined(separator: " ")
    try Data("eng_Latn\nthe dog\n\(long)\n".utf8).write(to: directory.appending(path: "c.tsv"))
    let other = "name: other\nsweep: {kind: corpus, file: c.tsv, languages: [eng_Latn]}\n"
    let file = try write(
      Self.study.replacing("needs: [base]", with: "needs: [base, other]"), ["other.yaml": other])
    #expect(try run(file, "--quiet").status == 2)
    #expect(try statuses() == ["base": "done", "moved": "done", "other": "some units failed"])
  }
}
