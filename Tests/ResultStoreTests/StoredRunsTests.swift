import Foundation
import ResultStore
import SweepSpec
import Testing

@Suite("Runs that vectors are made from")
final class StoredRunsTests {
  private let results = FileManager.default.temporaryDirectory.appending(path: "stored-runs-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: results) }

  /// A run of 5 units of 4 values; finished, or without its last unit.
  private func makeRun(_ name: String, dim: Int = 4, finished: Bool = true) throws -> Job {
    let spec = """
      {"model":{"dim":\(dim),"fingerprint":"","name":"none"},"name":"\(name)",
      "sweep":{"kind":"null-probe","parameters":{"dim":\(dim),"units":5}},"truncate":false,"version":1}
      """
    let job = try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
    let store = try ResultStore(job: job, results: results)
    let records = (0..<UInt64(finished ? 5 : 4)).map { unit in
      SweepSpec.Record(
        unit: unit,
        outcome: unit == 2 ? .skipped : .done(embedding: [Float](repeating: Float(unit), count: dim), decodes: []),
        seconds: 1)
    }
    _ = try store.commit([(SmallJob.worker, records)])
    if finished { try store.finish() }
    try store.close()
    return job
  }

  @Test("a run is found by its id, its name, or the start of it, and gives its units in order")
  func found() throws {
    let job = try makeRun("base")
    for name in [job.id.rawValue, "base", "bas"] {
      let run = try StoredRuns(results).run(named: name)
      #expect(run.job.id == job.id)
      var seen: [Float] = []
      try run.forEachUnit { unit, values in
        #expect(seen.count == Int(unit))
        seen.append(values[3])
      }
      #expect(seen[2].isNaN)
      #expect(seen.filter { !$0.isNaN } == [0, 1, 3, 4])
    }
  }

  @Test("a whole name counts more than the start of another")
  func wholeName() throws {
    let (short, long) = (try makeRun("base"), try makeRun("base-more"))
    #expect(try StoredRuns(results).run(named: "base").job.id == short.id)
    #expect(try StoredRuns(results).run(named: "base-m").job.id == long.id)
  }

  @Test("several runs that fit are all named")
  func several() throws {
    let jobs = [try makeRun("base"), try makeRun("base", dim: 8)]
    let error = try #require(throws: SweepError.self) { try StoredRuns(results).run(named: "base") }
    for job in jobs { #expect(error.description.contains(job.id.rawValue)) }
  }

  @Test("a name that is given an id means that run, whatever else is there")
  func named() throws {
    let jobs = [try makeRun("base"), try makeRun("base", dim: 8)]
    #expect(try StoredRuns(results, named: ["base": jobs[1].id]).run(named: "base").job.id == jobs[1].id)
  }

  @Test("a run that is not there, or not finished, is no run to make vectors from")
  func unusable() throws {
    let none = try #require(throws: SweepError.self) { try StoredRuns(results).run(named: "base") }
    #expect(none.description.contains("run that job first"))
    _ = try makeRun("half", finished: false)
    let half = try #require(throws: SweepError.self) { try StoredRuns(results).run(named: "half") }
    #expect(half.description.contains("1 of its 5 units are missing"))
  }
}
