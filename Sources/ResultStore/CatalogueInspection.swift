import GRDB
import SweepSpec

/// Checks that a catalogue is whole and describes the job, by comparing it with a fresh one in memory. The units are for
/// `StoreVerification` to check.
struct CatalogueInspection {
  let path: String
  let job: Job

  /// What must be as in a fresh catalogue; the rest of the job's row changes.
  private static let descriptions = [
    """
    SELECT id, name, spec, kind, model, model_fingerprint, precision, dim, unit_count, schema_version,
      status IN ('running', 'done') FROM job
    """,
    "SELECT sha256, content FROM assets ORDER BY sha256",
    "SELECT position, name, size, start FROM axes ORDER BY position",
    "SELECT axis, position, value FROM axis_values ORDER BY axis, position",
    "SELECT axis, name, position, value FROM axis_attributes ORDER BY axis, name, position",
    "SELECT name, asset, rows FROM vectors ORDER BY name",
  ]

  /// Throws a `StoreError`: `damaged`; `mismatch` where the catalogue is sound but another job's or version's.
  func run(_ db: Database) throws {
    try checkVersion(db)
    try checkJob(db)
    let problems = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
    guard problems == ["ok"] else { throw damaged(problems.first ?? "integrity_check says nothing") }
    try DatabaseQueue().write { fresh in
      try CatalogueSchema.create(fresh, job: job)
      for object in try Row.fetchAll(fresh, sql: "SELECT type, name, sql FROM sqlite_schema") {
        let sql = "SELECT type, name, sql FROM sqlite_schema WHERE name = ?"
        guard try Row.fetchOne(db, sql: sql, arguments: [object.text(1)]) == object else {
          throw damaged("the \(object.label(0)) \(object.label(1)) is not as it was made")
        }
      }
      for description in Self.descriptions {
        let (expected, found) = (
          try Row.fetchCursor(fresh, sql: description), try Row.fetchCursor(db, sql: description)
        )
        while let row = try expected.next() {
          guard try found.next() == row else { throw damaged("the job's description is not as it was written") }
        }
        guard try found.next() == nil else { throw damaged("the job's description has rows that were not written") }
      }
    }
  }

  private func checkVersion(_ db: Database) throws {
    let inHeader = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let inJob = try Row.fetchOne(db, sql: "SELECT schema_version FROM job")?.integer(0)
    // Version 1 had no user_version.
    guard let inJob, inHeader == (inJob == 1 ? 0 : inJob) else { throw damaged("it states no version, or two") }
    try Self.check(version: Int(inJob), path)
  }

  /// Throws `mismatch` unless this program writes that version.
  static func check(version: Int, _ path: String) throws {
    guard version != CatalogueSchema.version else { return }
    let (age, advice) =
      version < CatalogueSchema.version
      ? ("an older", "move the directory away and run the job again, or read it with that version")
      : ("a newer", "use that version, or move the directory away and run the job again")
    throw StoreError(
      .mismatch,
      "\(path) was written by \(age) version of sonarsweep (form \(version); this is \(CatalogueSchema.version)): \(advice)"
    )
  }

  private func checkJob(_ db: Database) throws {
    guard let row = try Row.fetchOne(db, sql: "SELECT id, name, spec FROM job") else {
      throw damaged("it holds no job")
    }
    let (id, name, spec) = (try row.text(0), try row.text(1), try row.text(2))
    guard id != job.id.rawValue || spec != String(decoding: job.canonicalSpec, as: UTF8.self) else { return }
    // Another job's catalogue is sound by itself; a damaged one is not.
    guard JobID(name: name, canonicalSpec: .init(spec.utf8))?.rawValue == id else {
      throw damaged("its job is not as it was written")
    }
    throw StoreError(.mismatch, "\(path) holds another job, \(id); move it away or choose another --results directory")
  }

  private func damaged(_ reason: String) -> StoreError { StoreError(.damaged, "\(path): \(reason)") }
}
