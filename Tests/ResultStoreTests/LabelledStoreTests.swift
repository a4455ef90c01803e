import Foundation
import GRDB
import ResultStore
import SonarModel
import SweepSpec
import Testing

@Suite("What a store keeps beside embeddings")
final class LabelledStoreTests {
  let results = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
  let worker = StoreWorker(instance: "i", name: "w")

  deinit { try? FileManager.default.removeItem(at: results) }

  /// Four units with both states and a decode each, in two columns of a numeric axis.
  static func stateJob() throws -> Job {
    try job(
      #"{"kind":"position","parameters":{"fillers":["_"],"has_length_axis":false,"language":"eng_Latn","lengths":[2],"#
        + #""states":["input_state","token_state"],"tokens":["dog","cat"]}}"#, decode: true)
  }

  @Test("states have arrays of their own, in the kind's order, and are part of a unit's checksum")
  func states() throws {
    let job = try Self.stateJob()
    #expect(job.spec.sweep.kind.states == [.input, .token])
    let store = try ResultStore(job: job, results: results)
    _ = try store.commit([(worker, (0..<4).map { Self.record($0, of: job) })])
    try store.finish()
    try store.close()
    for (name, offset) in [("embedding", 0), ("input_state", 1000), ("token_state", 2000)] {
      let values = try array(name, of: job)
      let expected: [Float] = (0..<32).map { Float(offset + $0 / 8 * 10 + $0 % 8) }
      #expect(values == expected, "\(name)")
    }
    #expect(try array("token_errors", of: job) == [0, 1, 2, 3])
    #expect(try array("exact_match", of: job) == [1, 0, 0, 0])
    #expect(try ResultStore.isSound(job, in: results))
    try Mutation.flip(directory(job).appending(path: "arrays.zarr/token_state/c/0/0/0/0"), byte: 40)
    #expect(try !ResultStore.isSound(job, in: results))
    let again = try ResultStore(job: job, results: results)
    #expect(UnitSet(0..<4).subtracting(again.committed) == UnitSet(1..<2))
  }

  @Test("a record whose states differ from the stored ones is divergent")
  func divergent() throws {
    let job = try Self.stateJob()
    let store = try ResultStore(job: job, results: results)
    _ = try store.commit([(worker, [Self.record(1, of: job)])])
    #expect(try store.commit([(worker, [Self.record(1, of: job)])]).divergent == [])
    #expect(try store.commit([(worker, [Self.record(1, of: job, stateOffset: 1)])]).divergent == [1])
  }

  @Test("records whose states or expectations do not fit are refused")
  func refused() throws {
    let job = try Self.stateJob()
    let store = try ResultStore(job: job, results: results)
    let row = [Float](repeating: 1, count: 8)
    func decode(tokens: Int, errors: Int) -> DecodedText {
      DecodedText(
        language: "eng_Latn", ids: [TokenID(7), TokenID(3)], text: "a", logProbability: -1, score: nil,
        expectation: .init(text: "b", tokens: tokens, errors: errors))
    }
    let good = decode(tokens: 4, errors: 3)
    func record(_ states: [[Float]], _ decode: DecodedText) -> SweepSpec.Record {
      SweepSpec.Record(unit: 0, outcome: .done(embedding: row, states: states, decodes: [decode]), seconds: 0)
    }
    try store.check(record([row, row], good))
    for (states, decode, reason) in [
      ([row], good, StoreError.BadRecord.states), ([], good, .states), ([row, row, row], good, .states),
      ([row, [1]], good, .states), ([row, row.map { $0 * .infinity }], good, .notFinite),
      ([row, row], decode(tokens: 4, errors: 1), .expectation),
      ([row, row], decode(tokens: 4, errors: 5), .expectation),
    ] {
      #expect { try store.check(record(states, decode)) } throws: { ($0 as? StoreError)?.code == .badRecord(reason) }
    }
  }

  @Test("an axis's attributes are columns of the views and coordinates along the axis")
  func attributes() throws {
    var assets = Assets()
    let file = assets.add(Data("id\teng_Latn\tlabel\tpair\na\tthe dog\tgood\tp'1\nb\tdog the\tbad\tp'1\n".utf8))
    let job = try Self.job(
      #"{"kind":"labelled","parameters":{"column":"eng_Latn","file":{"sha256":"\#(file.sha256)"},"form":"text","#
        + #""label":"label","language":"eng_Latn"}}"#, assets: assets)
    let store = try ResultStore(job: job, results: results)
    _ = try store.commit([(worker, (0..<2).map { Self.record($0, of: job) })])
    try store.close()
    try DatabaseQueue(path: directory(job).appending(path: "catalogue.sqlite").path).read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT sentence, label, pair FROM labelled_units ORDER BY unit")
      let labels = rows.map { row -> [String] in [row["sentence"], row["label"], row["pair"]] }
      #expect(labels == [["a", "good", "p'1"], ["b", "bad", "p'1"]])
      let stored = try Row.fetchAll(
        db, sql: "SELECT axis, name, position, value FROM axis_attributes ORDER BY name, position")
      let values = stored.map { row -> String in row["value"] }
      #expect(values == ["good", "bad", "p'1", "p'1"])
    }
    let metadata = try json("label", of: job)
    #expect(metadata["dimension_names"] as? [String] == ["sentence"])
    let attributes = try #require(try json("embedding", of: job)["attributes"] as? [String: Any])
    #expect(attributes["coordinates"] as? String == "label pair")
    #expect(try ResultStore(job: job, results: results).committed == UnitSet(0..<2))
  }

  @Test("named vectors are in the catalogue with their assets, and numbers are coordinates")
  func vectors() throws {
    var assets = Assets()
    let single = assets.add(NPYArray(shape: [8], values: .init(repeating: 1, count: 8)).content)
    let job = try Self.job(
      #"{"kind":"scale","parameters":{"alphas":[-0.5,0,2],"has_vector_axis":false,"language":"eng_Latn","#
        + #""sentences":{"form":"text","source":{"cells":{"_0":["the dog"]}}},"#
        + #""vectors":[{"asset":{"sha256":"\#(single.sha256)"},"name":"plural"}]}}"#,
      assets: assets)
    let store = try ResultStore(job: job, results: results)
    try store.close()
    try DatabaseQueue(path: directory(job).appending(path: "catalogue.sqlite").path).read { db in
      let row = try #require(try Row.fetchOne(db, sql: "SELECT name, asset, rows FROM vectors"))
      let (name, asset, labels): (String, String, String?) = (row["name"], row["asset"], row["rows"])
      #expect(name == "plural")
      #expect(asset == single.sha256)
      #expect(labels == nil)
      #expect(try Double.fetchAll(db, sql: "SELECT value FROM axis_values WHERE axis = 1") == [-0.5, 0, 2])
    }
    let alpha = try Data(contentsOf: directory(job).appending(path: "arrays.zarr/alpha/c/0"))
    #expect(alpha.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) } == [-0.5, 0, 2])
    #expect(try json("alpha", of: job)["data_type"] as? String == "float64")
  }

  static func job(_ sweep: String, assets: Assets = Assets(), decode: Bool = false) throws -> Job {
    let decode = decode ? #""decode":{"languages":["eng_Latn"],"max_tokens":8,"method":"greedy"},"# : ""
    let spec = """
      {\(decode)"model":{"dim":8,"fingerprint":"aa","name":"m","precision":"fp32"},"name":"labelled",\
      "sweep":\(sweep),"truncate":false,"version":1}
      """
    return try Job(canonicalSpec: Data(spec.utf8), assets: assets)
  }

  /// Embedding, then states, 1000 apart; one decode, as many errors off as the unit's index.
  static func record(_ unit: UInt64, of job: Job, stateOffset: Int = 0) -> SweepSpec.Record {
    func values(_ offset: Int) -> [Float] { (0..<8).map { Float(offset + Int(unit) * 10 + $0) } }
    let decodes = (job.spec.decode?.languages ?? []).map {
      DecodedText(
        language: $0, ids: [TokenID(4), TokenID(5), TokenID(6), TokenID(3)], text: "a", logProbability: -1, score: nil,
        expectation: .init(text: "b", tokens: 4, errors: Int(unit)))
    }
    let states = job.spec.sweep.kind.states.indices.map { values(1000 * ($0 + 1) + stateOffset) }
    return .init(
      unit: unit, outcome: .done(embedding: values(0), states: states, decodes: decodes), seconds: 0.5)
  }

  private func directory(_ job: Job) -> URL { ResultStore.directory(of: job.id, in: results) }

  /// The one chunk of an array.
  private func array(_ name: String, of job: Job) throws -> [Float] {
    let root = directory(job).appending(path: "arrays.zarr/\(name)")
    let chunk = root.appending(
      path: "c/" + Array(repeating: "0", count: job.sweep.axes.count + 1).joined(separator: "/"))
    return try Data(contentsOf: chunk).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  private func json(_ name: String, of job: Job) throws -> [String: Any] {
    let data = try Data(contentsOf: directory(job).appending(path: "arrays.zarr/\(name)/zarr.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
