import Foundation
import ResultStore
import SweepSpec
import Testing

@Suite("The array reader")
struct ArrayReaderTests {
  private let results = FileManager.default.temporaryDirectory.appending(path: "array-reader-\(UUID().uuidString)")

  /// Units of 16 KiB, so that a chunk of 4 MiB holds 250 of the 1,000 units; all but 250..<500 and 777 are done.
  private func largeRun(_ body: (Job, URL) throws -> Void) throws {
    defer { try? FileManager.default.removeItem(at: results) }
    let spec = """
      {"model":{"dim":4096,"fingerprint":"","name":"none"},"name":"large",
      "sweep":{"kind":"null-probe","parameters":{"dim":4096,"units":1000}},"truncate":false,"version":1}
      """
    let job = try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
    let store = try ResultStore(job: job, results: results)
    let done = (0..<UInt64(1000)).filter { !(250..<500).contains($0) && $0 != 777 }
    let records = done.map {
      SweepSpec.Record(unit: $0, outcome: .done(embedding: values($0), decodes: []), seconds: 1)
    }
    _ = try store.commit([(SmallJob.worker, records)])
    try store.close()
    try body(job, ResultStore.directory(of: job.id, in: results))
  }

  private func values(_ unit: UInt64) -> [Float] { (0..<4096).map { Float(unit) + Float($0) / 4096 } }

  @Test("gives a unit's values; NaN where the unit, or its whole chunk, is not there")
  func unit() throws {
    try largeRun { job, directory in
      let reader = try ArrayReader("embedding", of: job, in: directory)
      #expect(reader.shape == [1000, 4096])
      #expect(reader.dimensions == ["sample", "dim"])
      #expect(reader.unitCount == 1000)
      for unit: UInt64 in [0, 999, 249, 500, 776] { #expect(try reader.values(of: unit) == values(unit)) }
      for unit: UInt64 in [777, 250, 499] { #expect(try reader.values(of: unit).allSatisfy(\.isNaN)) }
      #expect(!FileManager.default.fileExists(atPath: directory.appending(path: "arrays.zarr/embedding/c/1/0").path))
    }
  }

  @Test(
    "gives every unit of a range once and in order, across chunks",
    arguments: [0..<1000, 0..<0, 249..<251, 3..<999, 600..<601] as [UnitRange])
  func order(range: UnitRange) throws {
    try largeRun { job, directory in
      let reader = try ArrayReader("embedding", of: job, in: directory)
      var seen: [UInt64] = []
      try reader.forEachUnit(in: range) { unit, found in
        seen.append(unit)
        let missing = (250..<500).contains(unit) || unit == 777
        #expect(missing ? found.allSatisfy(\.isNaN) : Array(found) == values(unit))
      }
      #expect(seen == Array(range))
    }
  }

  @Test("gives blocks of no more units than asked for, and never more than a chunk")
  func blocks() throws {
    try largeRun { job, directory in
      let reader = try ArrayReader("embedding", of: job, in: directory)
      var sizes: [Int] = []
      try reader.forEachBlock { units, values in
        sizes.append(units.count)
        #expect(values.count == units.count * 4096)
      }
      #expect(sizes == [250, 250, 250, 250])
      sizes = []
      try reader.forEachBlock(in: 200..<480, limit: 100) { units, _ in sizes.append(units.count) }
      #expect(sizes == [50, 100, 100, 30])
    }
  }

  @Test("reads the arrays of decodes as xarray does: a value per target language")
  func decodes() throws {
    defer { try? FileManager.default.removeItem(at: results) }
    let job = try SmallJob.job()
    _ = try SmallJob.complete(job, in: results)
    let directory = ResultStore.directory(of: job.id, in: results)
    let reader = try ArrayReader("exact_match", of: job, in: directory)
    #expect(reader.dimensions == ["token", "filler", "length", "position", "target"])
    #expect(try reader.values(of: 0)[0] == 1)
    #expect(try reader.values(of: 1)[0] == 0)
    #expect(try reader.values(of: 0)[1].isNaN, "nothing is expected in Spanish")
    #expect(try reader.values(of: SmallJob.failed).allSatisfy(\.isNaN))
  }

  @Test("says which arrays there are where one is asked for that is not")
  func unknown() throws {
    let job = try SmallJob.job()
    let error = try #require(throws: StoreError.self) { try ArrayReader("embeding", of: job, in: results) }
    #expect(error.description.contains("it has embedding, log_probability, exact_match"))
  }

  @Test("a chunk that was cut short is an error, not zeros")
  func cutShort() throws {
    try largeRun { job, directory in
      let chunk = directory.appending(path: "arrays.zarr/embedding/c/3/0").path
      #expect(truncate(chunk, 1 << 20) == 0)
      let reader = try ArrayReader("embedding", of: job, in: directory)
      let error = try #require(throws: StoreError.self) { try reader.forEachUnit { _, _ in } }
      #expect(error.description.contains(chunk))
    }
  }
}
