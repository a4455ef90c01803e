import Foundation
import GRDB
import ResultStore
import SonarModel
import SweepSpec

/// A job with everything a store can hold: decodes into two languages, a failed unit, skipped units; and the records that
/// any worker would make of it.
enum SmallJob {
  static let dim = 16
  static let units: UInt64 = 12
  static let failed: UInt64 = 7
  static let worker = StoreWorker(instance: "i", name: "w")

  static func job() throws -> Job {
    let spec = """
      {"decode":{"languages":["eng_Latn","spa_Latn"],"max_tokens":8,"method":"greedy"},
      "model":{"dim":\(dim),"fingerprint":"aa","name":"m","precision":"fp32"},"name":"small",
      "sweep":{"kind":"position","parameters":{"fillers":["_"],"has_length_axis":true,"language":"eng_Latn",
      "lengths":[2,3],"tokens":["dog","cat"]}},"truncate":false,"version":1}
      """
    return try Job(canonicalSpec: Data(spec.utf8), assets: Assets())
  }

  static func record(_ unit: UInt64) -> SweepSpec.Record {
    if unit % 6 == 2 { return SweepSpec.Record(unit: unit, outcome: .skipped, seconds: 0.25) }
    if unit == failed {
      let error = UnitError(code: "too-long", message: "it is\0 too long")
      return SweepSpec.Record(unit: unit, outcome: .failed(error), seconds: 0.25)
    }
    let decodes = ["eng_Latn", "spa_Latn"].map { language in
      DecodedText(
        language: LanguageCode(language), ids: [TokenID(Int(unit) + 4), TokenID(3)],
        text: "ñ \(language)\(unit == 0 ? "\0!" : "")", logProbability: -Float(unit) / 3, score: unit == 1 ? 0.5 : nil,
        expectation: language == "eng_Latn" ? .init(text: "ñ\(unit)", tokens: 2, errors: Int(unit % 2)) : nil)
    }
    let embedding = (0..<dim).map { Float(unit) + Float($0) / 7 }
    return SweepSpec.Record(unit: unit, outcome: .done(embedding: embedding, decodes: decodes), seconds: 0.25)
  }

  struct Contents: Equatable {
    /// Every file of the arrays.
    let arrays: [String: Data]
    let rows: [Row]
  }

  /// Opens the store, commits what is missing, finishes, and reads everything that must not depend on what came before.
  static func complete(_ job: Job, in results: URL) throws -> Contents {
    let store = try ResultStore(job: job, results: results)
    let missing = UnitSet(0..<units).subtracting(store.committed)
    for unit in missing.ranges.flatMap({ $0 }) { _ = try store.commit([(worker, [record(unit)])]) }
    try store.finish()
    try store.close()
    let directory = ResultStore.directory(of: job.id, in: results)
    let root = directory.appending(path: "arrays.zarr")
    var arrays: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
      let file = root.appending(path: path)
      if !file.hasDirectoryPath, let content = try? Data(contentsOf: file) { arrays[path] = content }
    }
    let rows = try DatabaseQueue(path: directory.appending(path: "catalogue.sqlite").path).read { db in
      guard try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"] else { return [Row]() }
      return try Row.fetchAll(
        db,
        sql: """
          SELECT units.unit, units.status, attempts, seconds, checksum, code, message, language, text, token_ids,
            log_probability, score, exact_match, expected,
            expected_tokens, token_errors, job.status
          FROM job, units LEFT JOIN errors USING (unit) LEFT JOIN decodes USING (unit) ORDER BY units.unit, language
          """)
    }
    return Contents(arrays: arrays, rows: rows)
  }
}
