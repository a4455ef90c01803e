import FleetProtocol
import GRDB

/// The journal's tables, and how those of earlier releases become them. `PRAGMA user_version` says which they are.
enum JobJournalSchema {
  private static let version = 2

  static func migrate(_ db: Database) throws {
    let present = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard present <= version else {
      throw FleetError(
        "the jobs were written by a newer release (version \(present) of their format, this one knows \(version)); "
          + "run that release, or another --state directory")
    }
    guard present < version else { return }
    // Version 1 left user_version at 0.
    try db.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS jobs (
          position INTEGER PRIMARY KEY,     -- the order of submission
          id TEXT NOT NULL UNIQUE,
          payload BLOB NOT NULL             -- the protocol's 'submit' message
        );
        ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 10;
        ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
        ALTER TABLE jobs ADD COLUMN submitted_at REAL NOT NULL DEFAULT 0;  -- seconds since 1970
        ALTER TABLE jobs ADD COLUMN started_at REAL;
        ALTER TABLE jobs ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jobs ADD COLUMN retries TEXT NOT NULL DEFAULT '[]';    -- codes of failures to put back, JSON
        UPDATE jobs SET submitted_at = unixepoch();
        CREATE TABLE ended (
          position INTEGER PRIMARY KEY,     -- the order in which they ended
          id TEXT NOT NULL UNIQUE,
          name TEXT NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL, precision TEXT NOT NULL,
          phase TEXT NOT NULL, priority INTEGER NOT NULL, owner TEXT NOT NULL,
          submitted_at REAL NOT NULL, started_at REAL, ended_at REAL,
          units INTEGER NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL, skipped INTEGER NOT NULL,
          units_per_second REAL NOT NULL, problem TEXT NOT NULL
        );
        PRAGMA user_version = 2;
        """)
  }
}
