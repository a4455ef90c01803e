import Foundation
import GRDB

/// Records that did not fit the job, counted until the next commit writes the counts down. However many workers send
/// however strange records, there are at most `limit` rows.
struct Refusals {
  struct Key: Hashable {
    let worker: String
    let reason: String
  }

  struct Tally {
    var count: Int64
    var example: String
    var lastAt: String
  }

  static let limit = 100
  /// Stands for all workers beyond the limit.
  static let others = Key(worker: "others", reason: "any")

  private(set) var tallies: [Key: Tally] = [:]

  var isEmpty: Bool { tallies.isEmpty }

  mutating func add(_ count: Int, from worker: String, _ error: StoreError) {
    guard case .badRecord(let reason) = error.code else { return }
    var key = Key(worker: String(worker.prefix(256)), reason: reason.rawValue)
    if tallies[key] == nil, tallies.count >= Self.limit { key = Self.others }
    tallies[key, default: Tally(count: 0, example: "", lastAt: "")].count += Int64(count)
    tallies[key]?.example = String(error.description.prefix(200))
    tallies[key]?.lastAt = Date.now.ISO8601Format()
  }

  /// Adds the counts to the table.
  func write(_ db: Database) throws {
    for (key, tally) in tallies {
      let known = try Bool.fetchOne(
        db, sql: "SELECT count(*) < ? OR EXISTS (SELECT 1 FROM refusals WHERE worker = ? AND reason = ?) FROM refusals",
        arguments: [Self.limit, key.worker, key.reason])
      let key = known == true ? key : Self.others
      try db.execute(
        sql: """
          INSERT INTO refusals (worker, reason, count, example, last_at) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (worker, reason) DO UPDATE
            SET count = count + excluded.count, example = excluded.example, last_at = excluded.last_at
          """, arguments: [key.worker, key.reason, tally.count, tally.example, tally.lastAt])
    }
  }
}
