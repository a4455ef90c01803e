import Foundation
import GRDB
import ResultStore
import SonarModel
import SweepSpec
import TestSupport
import Testing

/// Stores that were damaged between two runs: whatever was done to their bytes, opening them and computing what is missing
/// ends in the store of an undisturbed run.
@Suite("Damaged store")
final class DamageTests {
  let root = FileManager.default.temporaryDirectory.appending(path: "damage-\(UUID().uuidString)")
  let job: Job

  /// How a store came to rest before it was damaged.
  enum Rest: String, CaseIterable {
    case finished
    /// Killed with half of its units committed, the log not folded in.
    case half
  }

  init() throws {
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    job = try SmallJob.job()
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  @Test("ends as an undisturbed store", arguments: Rest.allCases, [1, 2, 3, 4] as [UInt64])
  func damage(rest: Rest, seed: UInt64) throws {
    let intact = root.appending(path: "intact")
    let expected = try SmallJob.complete(job, in: intact)
    let start = try rest == .finished ? intact : half()
    var random = SplitMix64(seed: seed)
    for round in 0..<60 {
      let results = root.appending(path: "round-\(round)")
      try FileManager.default.copyItem(at: start, to: results)
      let store = ResultStore.directory(of: job.id, in: results)
      var what: [String] = []
      for _ in 0...Int(random.next() % 3) { what.append(try Mutation.apply(to: store, using: &random)) }
      let comment = Comment(rawValue: "seed \(seed), round \(round): \(what.joined(separator: ", "))")
      read(store, comment)
      #expect(throws: Never.self, comment) { try ResultStore.isSound(self.job, in: results) }
      do {
        let found = try SmallJob.complete(job, in: results)
        #expect(found.arrays == expected.arrays, comment)
        #expect(found.rows == expected.rows, comment)
        #expect(try ResultStore.isSound(job, in: results), comment)
      } catch {
        Issue.record("\(comment): \(error)")
      }
      try FileManager.default.removeItem(at: results)
    }
  }

  @Test("a unit whose values or row changed is computed again, and no other")
  func single() throws {
    let results = root.appending(path: "single")
    _ = try SmallJob.complete(job, in: results)
    let store = ResultStore.directory(of: job.id, in: results)
    try Mutation.flip(store.appending(path: "arrays.zarr/log_probability/c/0/0/0/0/0"), byte: 4 * 2 * 4)
    #expect(try !ResultStore.isSound(job, in: results))
    #expect(try missing(results) == UnitSet(4..<5))
    _ = try SmallJob.complete(job, in: results)
    try DatabaseQueue(path: store.appending(path: "catalogue.sqlite").path).write {
      try $0.execute(sql: "UPDATE decodes SET text = 'another' WHERE unit = 5; UPDATE errors SET code = 'x'")
    }
    #expect(try missing(results) == UnitSet([5..<6, SmallJob.failed..<SmallJob.failed + 1]))
    _ = try SmallJob.complete(job, in: results)
    #expect(try ResultReader(store).summary().repaired == 3)
  }

  @Test("values of units that are not committed read as NaN after the store is opened")
  func strays() throws {
    let results = root.appending(path: "strays")
    let expected = try SmallJob.complete(job, in: results)
    let store = ResultStore.directory(of: job.id, in: results)
    for unit in [2, SmallJob.failed] {
      try Mutation.flip(store.appending(path: "arrays.zarr/embedding/c/0/0/0/0/0"), byte: Int(unit) * 4 * SmallJob.dim)
    }
    #expect(try missing(results).isEmpty)
    #expect(try SmallJob.complete(job, in: results).arrays == expected.arrays)
  }

  @Test("a catalogue that cannot be read is kept beside the new one")
  func movedAside() throws {
    let results = root.appending(path: "aside")
    _ = try SmallJob.complete(job, in: results)
    let store = ResultStore.directory(of: job.id, in: results)
    for number in 1...2 {
      try Data("no database".utf8).write(to: store.appending(path: "catalogue.sqlite"))
      let opened = try ResultStore(job: job, results: results)
      #expect(opened.committed.isEmpty)
      #expect(opened.repairs.first?.contains("catalogue.sqlite.damaged-\(number)") == true)
      try opened.close()
      let aside = store.appending(path: "catalogue.sqlite.damaged-\(number)")
      #expect(try String(contentsOf: aside, encoding: .utf8) == "no database")
    }
  }

  @Test("a catalogue of an older version is refused with what to do, and stays as it is")
  func older() throws {
    let results = root.appending(path: "older")
    _ = try SmallJob.complete(job, in: results)
    let store = ResultStore.directory(of: job.id, in: results)
    let file = store.appending(path: "catalogue.sqlite")
    try DatabaseQueue(path: file.path).write {
      try $0.execute(sql: "UPDATE job SET schema_version = 1; PRAGMA user_version = 0")
    }
    let before = try Data(contentsOf: file)
    for open in [{ _ = try ResultStore(job: self.job, results: results) }, { _ = try ResultReader(store) }] {
      let error = #expect(throws: StoreError.self) { try open() }
      #expect(error?.code == .mismatch)
      #expect(error?.description.contains("older version") == true)
    }
    #expect(try Data(contentsOf: file) == before)
  }

  @Test("refused records are counted, and however many kinds there are, the table stays small")
  func refusals() throws {
    let results = root.appending(path: "refusals")
    let store = try ResultStore(job: job, results: results)
    for number in 0..<500 {
      for record in [
        SweepSpec.Record(unit: 99, outcome: .skipped, seconds: 0), .init(unit: 0, outcome: .skipped, seconds: -1),
      ] {
        let error = try #require(throws: StoreError.self) { try store.check(record) }
        store.refuse(2, from: "worker \(number % 250)", error)
      }
      if number == 300 { _ = try store.commit([]) }
    }
    _ = try store.commit([])
    try store.close()
    let reader = try ResultReader(ResultStore.directory(of: job.id, in: results))
    #expect(try reader.summary().refused == 2000)
    let refusals = try reader.refusals()
    #expect(refusals.count <= 101)
    #expect(refusals.first?.worker == "others")
    #expect(Set(refusals.map(\.reason)) == ["outside-the-sweep", "seconds", "any"])
  }

  /// What a store says that it lacks when it is opened.
  private func missing(_ results: URL) throws -> UnitSet {
    let store = try ResultStore(job: job, results: results)
    let missing = UnitSet(0..<SmallJob.units).subtracting(store.committed)
    try store.close()
    return missing
  }

  private func half() throws -> URL {
    let (live, copy) = (root.appending(path: "live"), root.appending(path: "half"))
    let store = try ResultStore(job: job, results: live)
    for unit in 0..<SmallJob.units / 2 { _ = try store.commit([(SmallJob.worker, [SmallJob.record(unit)])]) }
    try FileManager.default.copyItem(at: live, to: copy)
    try store.close()
    return copy
  }

  /// Everything a reader can ask for gives an answer or a `StoreError`.
  private func read(_ store: URL, _ comment: Comment) {
    do {
      let reader = try ResultReader(store)
      for question in [
        { _ = try reader.summary() }, { _ = try reader.axes() }, { _ = try reader.decodes(limit: 100) },
        { _ = try reader.failures(limit: 100) }, { _ = try reader.refusals() }, { _ = try reader.job() },
      ] {
        do { try question() } catch is StoreError {}
      }
    } catch is StoreError {
    } catch {
      Issue.record("\(comment): \(error)")
    }
  }
}
