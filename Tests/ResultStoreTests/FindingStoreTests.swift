import Foundation
import ResultStore
import Testing

@Suite("Findings in the catalogue")
struct FindingStoreTests {
  private let results = FileManager.default.temporaryDirectory.appending(path: "findings-\(UUID().uuidString)")

  private func finding(_ measure: String, _ value: Double, _ labels: [String: String] = [:]) -> StoredFinding {
    StoredFinding(
      analysis: value < 0 ? "path" : "success", question: "Is it?", measure: measure, labels: labels, value: value,
      low: value - 1, high: value + 1, method: "wilson", n: 7)
  }

  @Test("findings are replaced as a whole, read in their order, and filtered")
  func replace() throws {
    defer { try? FileManager.default.removeItem(at: results) }
    let job = try SmallJob.job()
    _ = try SmallJob.complete(job, in: results)
    let directory = ResultStore.directory(of: job.id, in: results)
    let (store, reader) = (FindingStore(directory), try ResultReader(directory))
    #expect(try reader.findings().isEmpty)

    try store.replace([finding("old", 9)])
    let all = [
      finding("rate", 0.5, ["token": "dog", "filler": "_"]), finding("rate", 1, ["token": "cat", "filler": "_"]),
      finding("step", -2),
    ]
    try store.replace(all)
    #expect(try reader.findings() == all)
    #expect(try reader.findings(.init(analysis: "path")) == [all[2]])
    #expect(try reader.findings(.init(measure: "rate", labels: ["token": "cat"])) == [all[1]])
    #expect(try reader.findings(.init(labels: ["filler": "the"])).isEmpty)
    #expect(try ResultStore.isSound(job, in: results), "findings are no part of what is checked")
  }

  @Test("a finding that cannot be stored leaves those that were there")
  func transaction() throws {
    defer { try? FileManager.default.removeItem(at: results) }
    let job = try SmallJob.job()
    _ = try SmallJob.complete(job, in: results)
    let directory = ResultStore.directory(of: job.id, in: results)
    let store = FindingStore(directory)
    try store.replace([finding("rate", 0.5)])
    // SQLite has no NaN, and a value is never missing.
    #expect(throws: StoreError.self) { try store.replace([finding("rate", 0.6), finding("rate", .nan)]) }
    #expect(try ResultReader(directory).findings().map(\.value) == [0.5])
  }

  @Test("no run, no findings")
  func nothing() {
    #expect(throws: StoreError.self) { try FindingStore(results).replace([]) }
  }
}
