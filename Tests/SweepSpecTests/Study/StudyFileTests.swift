import Foundation
import SweepSpec
import Testing

@Suite("A study's file")
struct StudyFileTests {
  private static let good = """
    name: both
    jobs:
      - {job: b.yaml, needs: [a]}
      - {job: sub/a.yaml}
      - {job: sub/a.yaml, name: again, needs: [b, a]}
    claims:
      - claim: It works
        source: study 1, section 2
        finding: {job: b, analysis: success, measure: exact_match_rate, labels: {filler: the, position: 3}}
        holds: {above: 0.9, p_below: 1e-2}
      - {claim: c, source: s, finding: {job: again, analysis: pca, measure: m}, holds: {between: [-1, 0.5]}}

    """

  private func load(_ yaml: String) throws -> Study {
    let directory = try JobDirectory(yaml)
    return try StudyFile.load(directory.url.appending(path: "job.yaml"))
  }

  @Test("jobs in the order of needs, and claims")
  func good() throws {
    let study = try load(Self.good)
    #expect(study.name == "both")
    #expect(study.jobs.map(\.name) == ["a", "b", "again"])
    #expect(study.jobs.map(\.isRenamed) == [false, false, true])
    #expect(study.jobs[0].file == "sub/a.yaml")
    #expect(
      study.claims.map(\.condition) == [
        ClaimCondition(.above(0.9), pBelow: 0.01), ClaimCondition(.between(-1, 0.5)),
      ])
    #expect(study.claims[0].question.labels == ["filler": "the", "position": "3"])
  }

  @Test("where nothing forces another order, the file's stays")
  func stable() throws {
    let jobs = ["d", "a", "c", "b"].map { Study.Entry(name: $0, file: $0, needs: $0 == "a" ? ["b"] : []) }
    #expect(try Study(name: "s", jobs: jobs, claims: []).jobs.map(\.name) == ["d", "c", "b", "a"])
  }

  @Test("what needs a failed job, and what needs that, cannot run; the others can")
  func dependents() throws {
    let jobs = [("a", []), ("b", ["a"]), ("c", ["b"]), ("d", [])].map { Study.Entry(name: $0, file: $0, needs: $1) }
    let study = try Study(name: "s", jobs: jobs, claims: [])
    #expect(study.dependents(of: "a") == ["b", "c"])
    #expect(study.dependents(of: "d") == [])
  }

  @Test(
    "mistakes, at their lines",
    arguments: [
      (
        "{job: sub/a.yaml}", "{job: sub/a.yaml, needs: [again]}", 3,
        "jobs need each other: b needs a needs again needs b"
      ),
      ("needs: [a]", "needs: [aa]", 3, "'b' needs 'aa', which is no job of the study. Did you mean 'a'?"),
      (", name: again", "", 5, "a job 'a' stands there already"),
      ("above: 0.9", "over: 0.9", 10, "unknown key 'over'"),
      ("above: 0.9", "above: 0.9, below: 1", 10, "give one of above"),
      ("[-1, 0.5]", "[0.5, -1]", 11, "the lower first"),
      ("job: again, analysis", "job: agan, analysis", 11, "Did you mean 'again'?"),
      ("source: study 1, section 2", "sources: x", 7, "the key 'source' is missing"),
      ("name: both", "name: a/b", 1, "is not a name"),
    ])
  func mistakes(text: String, replacement: String, line: Int, says: String) throws {
    let error = try #require(throws: JobError.self) { try load(Self.good.replacing(text, with: replacement)) }
    #expect(
      error.diagnostics.contains { $0.line == line && $0.message.contains(says) }, "\(error)")
  }

  @Test("a file with a list of jobs is a study, any other is not")
  func detection() throws {
    for (yaml, isStudy) in [(Self.good, true), (BadJob.positionJob, false), ("- jobs", false), ("{", false)] {
      let directory = try JobDirectory(yaml)
      #expect(StudyFile.isStudy(directory.url.appending(path: "job.yaml")) == isStudy)
    }
  }

  @Test("a study's exit code: 0 whatever the verdicts, 2 where units failed, 1 where a job did")
  func exitCodes() throws {
    let study = try load(Self.good)
    func code(_ statuses: [StudyResult.JobStatus]) -> Int32 {
      StudyResult(
        study, model: nil, jobs: statuses.enumerated().map { .init(name: "\($0)", status: $1) }, findings: [:]
      ).exitCode
    }
    #expect(code([.done, .done]) == 0)
    #expect(code([.done, .unitsFailed]) == 2)
    #expect(code([.unitsFailed, .failed, .notRun]) == 1)
  }
}
