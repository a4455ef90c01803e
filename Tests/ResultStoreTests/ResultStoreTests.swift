import Foundation
import GRDB
import ResultStore
import SonarModel
import SweepSpec
import TestSupport
import Testing

@Suite("Result store")
final class ResultStoreTests {
  let results = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
  let worker = StoreWorker(instance: "i", name: "w")
  let job: Job

  init() throws {
    try FileManager.default.createDirectory(at: results, withIntermediateDirectories: true)
    let file = results.appending(path: "job.yaml")
    try Data("name: test\nmodel: none\nsweep: {kind: null-probe, units: 3000, dim: 8}\n".utf8).write(to: file)
    let library = ModelLibrary(extra: [], environment: [:], executable: file)
    job = try JobFile.load(file, model: nil, library: library)
  }

  deinit { try? FileManager.default.removeItem(at: results) }

  @Test("units committed in any order, twice and over restarts are each there once")
  func commits() throws {
    var random = SplitMix64(seed: 3)
    var units = Array(0..<UInt64(3000)).shuffled(using: &random)
    while !units.isEmpty {
      let store = try ResultStore(job: job, results: results)
      let batch = units.prefix(700)
      units.removeFirst(batch.count)
      let commit = try store.commit([(worker, batch.map(record))])
      #expect(commit.units.count == UInt64(batch.count))
      let again = try store.commit([(worker, batch.map(record))])
      #expect(again.units.isEmpty && again.divergent.isEmpty)
      #expect(store.counts.done == store.committed.count)
      try store.close()
    }
    let store = try ResultStore(job: job, results: results)
    #expect(store.isComplete)
    try store.finish()
    let summary = try ResultReader(ResultStore.directory(of: job.id, in: results)).summary()
    #expect(summary.isDone && summary.done == 3000 && summary.divergent == 0)
    #expect(try embeddings() == (0..<3000).flatMap { values($0) })
  }

  @Test("a unit that is not committed reads as NaN")
  func missing() throws {
    let store = try ResultStore(job: job, results: results)
    _ = try store.commit([(worker, [record(5)])])
    let stored = try embeddings()
    #expect(Array(stored[40..<48]) == values(5))
    #expect(stored.indices.filter { !(40..<48).contains($0) }.allSatisfy { stored[$0].isNaN })
  }

  @Test("a record that comes again and differs is counted, and the first stays")
  func divergent() throws {
    let store = try ResultStore(job: job, results: results)
    _ = try store.commit([(worker, [record(5)])])
    let other = Record(unit: 5, outcome: .done(embedding: values(6), decodes: []), seconds: 0)
    #expect(try store.commit([(worker, [other])]).divergent == [5])
    #expect(try store.commit([(worker, [Record(unit: 5, outcome: .skipped, seconds: 0)])]).divergent == [5])
    #expect(Array(try embeddings()[40..<48]) == values(5))
    #expect(try ResultReader(ResultStore.directory(of: job.id, in: results)).summary().divergent == 2)
  }

  @Test("a failed unit has its reason in the catalogue and no embedding")
  func failed() throws {
    let store = try ResultStore(job: job, results: results)
    let error = UnitError(code: "too-long", message: "600 tokens")
    _ = try store.commit([(worker, [Record(unit: 9, outcome: .failed(error), seconds: 0), record(10)])])
    let failures = try ResultReader(ResultStore.directory(of: job.id, in: results)).failures(limit: 10)
    #expect(failures.map(\.code) == ["too-long"] && failures[0].unit == 9)
    #expect(try embeddings()[72].isNaN)
  }

  @Test("failures that are put back are to do again, and the report goes, which is of the time before")
  func retried() throws {
    let store = try ResultStore(job: job, results: results)
    let failed = ["too-long", "other"].enumerated().map { unit, code in
      Record(unit: UInt64(unit), outcome: .failed(UnitError(code: code, message: "")), seconds: 0)
    }
    _ = try store.commit([(worker, failed + [record(2)])])
    let directory = ResultStore.directory(of: job.id, in: results)
    let report = directory.appending(path: "report.html")
    try Data("three units".utf8).write(to: report)
    #expect(try store.removeFailures(code: "none such") == 0)
    #expect(FileManager.default.fileExists(atPath: report.path))
    #expect(try store.removeFailures(code: "other") == 1)
    #expect(!FileManager.default.fileExists(atPath: report.path))
    #expect(store.committed.ranges == [0..<1, 2..<3] && store.counts.failed == 1)
    let reader = try ResultReader(directory)
    #expect(try reader.records(status: "failed", limit: 10).map(\.error?.code) == ["too-long"])
    #expect(try reader.records(status: "done", limit: 10).allSatisfy { $0.error == nil })
  }

  @Test("records that do not fit the job are refused")
  func badRecords() throws {
    let store = try ResultStore(job: job, results: results)
    let decode = DecodedText(
      language: "eng_Latn", ids: [], text: "", logProbability: 0, score: nil, expectation: nil)
    for bad in [
      record(3000), Record(unit: 0, outcome: .done(embedding: [1], decodes: []), seconds: 0),
      Record(unit: 0, outcome: .done(embedding: .init(repeating: .nan, count: 8), decodes: []), seconds: 0),
      Record(unit: 0, outcome: .done(embedding: values(0), decodes: [decode]), seconds: 0),
    ] {
      #expect(throws: StoreError.self) { try store.check(bad) }
    }
  }

  @Test("a second writer is refused while the first lives")
  func locked() throws {
    var first: ResultStore? = try ResultStore(job: job, results: results)
    #expect { try ResultStore(job: self.job, results: self.results) } throws: { ($0 as? StoreError)?.code == .locked }
    try first?.close()
    first = nil
    #expect(throws: Never.self) { try ResultStore(job: self.job, results: self.results) }
  }

  @Test("a store that cannot be written to says so and loses nothing it had")
  func unwritable() throws {
    try commitAlone(record(0))
    let store = try ResultStore(job: job, results: results)
    // A file where the chunk's directory should be, as on a damaged disk.
    let chunks = ResultStore.directory(of: job.id, in: results).appending(path: "arrays.zarr/embedding/c")
    try FileManager.default.moveItem(at: chunks, to: chunks.appendingPathExtension("away"))
    try Data().write(to: chunks)
    #expect(throws: StoreError.self) { try store.commit([(self.worker, [self.record(1)])]) }
    #expect(store.committed == UnitSet(0..<1))
    try FileManager.default.removeItem(at: chunks)
    try FileManager.default.moveItem(at: chunks.appendingPathExtension("away"), to: chunks)
    #expect(try store.commit([(worker, [record(1)])]).units == UnitSet(1..<2))
  }

  @Test("SQL can ask by label")
  func views() throws {
    let store = try ResultStore(job: job, results: results)
    _ = try store.commit([(worker, [record(7)])])
    let path = ResultStore.directory(of: job.id, in: results).appending(path: "catalogue.sqlite").path
    let row = try #require(
      try DatabaseQueue(path: path).read { try Row.fetchOne($0, sql: "SELECT * FROM labelled_units") })
    let (sample, name, status): (Int, String, String) = (row["sample"], row["worker"], row["status"])
    #expect(sample == 7)
    #expect(name == "w")
    #expect(status == "done")
  }

  @Test("who looks while stores are made finds its job in each")
  func watched() async throws {
    try await withThrowingTaskGroup { group in
      group.addTask { [results] in
        var units: Set<UInt64> = []
        while units.count < 50 {
          try Task.checkCancellation()
          for run in ResultReader.runs(in: results) { units.insert(try ResultReader(run).summary().units) }
        }
        #expect(units == Set(1...50))
      }
      group.addTask { [results] in
        for units in 1...50 { try ResultStore(job: Self.nullJob(units: UInt64(units)), results: results).close() }
      }
      try await group.waitForAll()
    }
  }

  @Test("what is left of a catalogue that is gone, or was not finished, is not taken for a new one's")
  func leftovers() throws {
    let directory = ResultStore.directory(of: job.id, in: results)
    try commitAlone(record(1))
    let catalogue = directory.appending(path: "catalogue.sqlite").path
    for leftover in ["-wal", "-journal", ".partial", ".partial-journal"] {
      try FileManager.default.copyItem(atPath: catalogue, toPath: catalogue + leftover)
    }
    try FileManager.default.removeItem(atPath: catalogue)
    let store = try ResultStore(job: job, results: results)
    #expect(store.committed.isEmpty)
    #expect(try store.commit([(worker, [record(2)])]).units == UnitSet(2..<3))
    try store.close()
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).allSatisfy { !$0.contains("partial") })
  }

  @Test(
    "a store of the largest sweep there is takes records at both of its ends", arguments: [1 << 40, UInt64.max >> 1])
  func largest(units: UInt64) throws {
    let large = try Self.nullJob(units: units)
    let store = try ResultStore(job: large, results: results)
    _ = try store.commit([(worker, [record(0), record(units - 1)])])
    try store.close()
    let again = try ResultStore(job: large, results: results)
    #expect(again.committed.ranges == [0..<1, units - 1..<units])
  }

  private static func nullJob(units: UInt64) throws -> Job {
    let spec = """
      {"version":1,"name":"null","truncate":false,"model":{"name":"none","fingerprint":"","dim":8},\
      "sweep":{"kind":"null-probe","parameters":{"units":\(units),"dim":8}}}
      """
    return try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
  }

  private func commitAlone(_ record: Record) throws {
    let store = try ResultStore(job: job, results: results)
    _ = try store.commit([(worker, [record])])
    try store.close()
  }

  private func values(_ unit: UInt64) -> [Float] { (0..<8).map { Float(unit) * 10 + Float($0) } }

  private func record(_ unit: UInt64) -> SweepSpec.Record {
    Record(unit: unit, outcome: .done(embedding: values(unit), decodes: []), seconds: 0.5)
  }

  /// The whole array, as a reader of the one chunk sees it.
  private func embeddings() throws -> [Float] {
    let chunk = ResultStore.directory(of: job.id, in: results).appending(path: "arrays.zarr/embedding/c/0/0")
    return try Data(contentsOf: chunk).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }
}

private typealias Record = SweepSpec.Record
