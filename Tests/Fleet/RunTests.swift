import Foundation
import ResultStore
import SonarModel
import Testing

@Suite("sonarsweep run", .serialized)
final class RunTests {
  let directory = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID().uuidString.prefix(8))")
  var results: String { directory.appending(path: "results").path }

  init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: directory) }

  @Test("a finished job says so and does nothing the second time")
  func twice() throws {
    let job = try write(Self.quick)
    let first = try Sonarsweep.run("run", job, "--results", results, "--workers", "2", "--output", "json", "--quiet")
    #expect(first.status == 0)
    #expect(first.errors.isEmpty)
    let summary = try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any]
    #expect(summary?["status"] as? String == "done")
    #expect(summary?["done"] as? Int == 8)

    let second = try Sonarsweep.run("run", job, "--results", results)
    #expect(second.status == 0)
    #expect(second.errors.contains("complete already"))
  }

  @Test("a job with mistakes names them all, starts nothing and leaves nothing")
  func mistakes() throws {
    let job = try write(Self.quick.replacing("dog", with: "speaker").replacing("length: 4", with: "length: 0"))
    let outcome = try Sonarsweep.run("run", job, "--results", results)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("job.yaml:5: sweep.tokens[0]: 'speaker' is 2 pieces: \u{2581}speak er"))
    #expect(outcome.errors.contains("job.yaml:7: sweep.length: 0 is outside 1 to 512"))
    #expect(!FileManager.default.fileExists(atPath: results))
  }

  @Test("a unit that fails costs one unit, is listed with its reason, and shows in the exit code")
  func failedUnit() throws {
    let long = Array(repeating: "dog", count: 600).joined(separator: " ")
    try Data("id\teng_Latn\na\tthe dog sleeps\nb\t\(long)\nc\tthe cat\n".utf8).write(
      to: directory.appending(path: "c.tsv"))
    let job = try write("name: long\nsweep: {kind: corpus, file: c.tsv, languages: [eng_Latn]}\n")
    let outcome = try Sonarsweep.run("run", job, "--results", results, "--workers", "1", "--quiet")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("3: 2 done, 1 failed, 0 skipped"))
    let shown = try Sonarsweep.run("results", "show", "long", "--results", results)
    #expect(shown.output.contains("too-long"))
    #expect(shown.output.contains("602 tokens"))

    let cut = try write("name: cut\ntruncate: true\nsweep: {kind: corpus, file: c.tsv, languages: [eng_Latn]}\n")
    #expect(try Sonarsweep.run("run", cut, "--results", results, "--workers", "1", "--quiet").status == 0)
  }

  @Test("a second run of the same job is refused while the first is at work, and harms nothing")
  func concurrently() throws {
    let job = try write(Self.slow)
    let first = try Sonarsweep.start(["run", job, "--results", results, "--workers", "1", "--quiet"])
    try waitForUnits("slow")
    let second = try Sonarsweep.run("run", job, "--results", results, "--workers", "1", "--quiet")
    #expect(second.status == 1)
    #expect(second.errors.contains("another process is writing to"))
    first.send(SIGINT)
    let outcome = first.wait()
    #expect(outcome.status == 130)
    #expect(outcome.errors.contains("The same command goes on from there"))
  }

  @Test("when the command itself is killed, its fleet ends by itself and the store is sound")
  func killed() throws {
    let job = try write(Self.slow)
    let run = try Sonarsweep.start(["run", job, "--results", results, "--workers", "2", "--quiet"])
    try waitForUnits("slow")
    let fleet = Sonarsweep.children(of: run.identifier)
    #expect(fleet.count == 4)
    run.send(SIGKILL)
    _ = run.wait()
    try Sonarsweep.wait("the fleet to end") { !fleet.contains(where: Sonarsweep.isAlive) }
    let reader = try ResultReader(try #require(ResultReader.runs(in: URL(filePath: results)).first))
    let summary = try reader.summary()
    #expect(summary.done > 0 && summary.done < summary.units && !summary.isDone)
  }

  @Test("a worker that was killed is started again, and every unit is computed once")
  func killedWorker() throws {
    let job = try write(Self.slow.replacing("to: 1199", with: "to: 1019"))
    let run = try Sonarsweep.start(["run", job, "--results", results, "--workers", "2"])
    try waitForUnits("slow")
    let workers = Sonarsweep.children(of: run.identifier).suffix(2)
    kill(try #require(workers.first), SIGKILL)
    let outcome = run.wait()
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("was killed by signal 9; started again"))
    #expect(outcome.output.contains("400: 400 done, 0 failed, 0 skipped"))
  }

  static let quick = """
    name: quick
    sweep:
      kind: position
      language: eng_Latn
      tokens: [dog]
      fillers: [_, the]
      length: 4
    """

  /// Long enough to be interrupted on any machine: beam search over 4,000 units.
  static let slow = """
    name: slow
    sweep:
      kind: position
      language: eng_Latn
      tokens: {ids: {from: 1000, to: 1199}}
      fillers: [_]
      length: 20
    decode: {languages: [eng_Latn], method: beam, max_tokens: 32}
    """

  private func write(_ job: String) throws -> String {
    let file = directory.appending(path: "job.yaml")
    try Data(job.utf8).write(to: file)
    return file.path
  }

  /// Waits until some units of a run are committed.
  private func waitForUnits(_ name: String) throws {
    try Sonarsweep.wait("the first units") {
      let runs = ResultReader.runs(in: URL(filePath: results)).filter { $0.lastPathComponent.hasPrefix(name) }
      guard let run = runs.first, let summary = try? ResultReader(run).summary() else { return false }
      return summary.done > 0
    }
  }
}
