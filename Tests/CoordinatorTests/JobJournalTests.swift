import Coordinator
import FleetProtocol
import Foundation
import GRDB
import SweepSpec
import Testing

@Suite("Journal of jobs")
struct JobJournalTests {
  private func withDirectory(_ body: (URL) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    try body(directory)
  }

  private func records(_ journal: JobJournal) throws -> [JobRecord] { try journal.jobs().map { try $0.get() } }

  /// What a coordinator would show of a job that ended so.
  private func ended(_ name: String, _ phase: JobView.Phase = .done) throws -> JobView {
    var fleet = Harness.ready()
    let id = try fleet.submit(name, units: 8, priority: 33)
    _ = fleet.open(id, committed: 0..<5, failed: 2)
    fleet.now = fleet.now + .seconds(1)
    _ = fleet.ask(.cancel(id))
    var view = try #require(fleet.ended(id))
    view.phase = phase
    return view
  }

  @Test("what is kept of a job comes back with the next coordinator, jobs in the order of submission")
  func keep() throws {
    try withDirectory { directory in
      let submitted = Date(timeIntervalSince1970: 1_700_000_000.25)
      let first = JobRecord(
        job: try Harness.makeJob("a", units: 8), priority: JobPriority(rawValue: 77)!, owner: "ada",
        submittedAt: submitted, startedAt: submitted.addingTimeInterval(2), isPaused: true, retries: ["", "too-long"])
      let second = JobRecord(job: try Harness.makeJob("b", units: 9), submittedAt: submitted)
      do {
        let journal = try JobJournal(directory: directory)
        try journal.keep(first)
        try journal.keep(second)
      }
      let found = try records(try JobJournal(directory: directory))
      #expect(found.map(\.job.id) == [first.job.id, second.job.id])
      #expect(found.map(\.job.canonicalSpec) == [first.job.canonicalSpec, second.job.canonicalSpec])
      #expect(found[0].priority.rawValue == 77 && found[0].owner == "ada" && found[0].isPaused)
      #expect(found[0].submittedAt == submitted && found[0].startedAt == submitted.addingTimeInterval(2))
      #expect(found[0].retries == ["", "too-long"])
      #expect(found[1].priority == .normal && !found[1].isPaused && found[1].startedAt == nil && found[1].retries == [])
    }
  }

  @Test("a job that is kept again keeps its place, and what has changed")
  func change() throws {
    try withDirectory { directory in
      let journal = try JobJournal(directory: directory)
      var first = JobRecord(job: try Harness.makeJob("a", units: 8), submittedAt: Harness.wall)
      try journal.keep(first)
      try journal.keep(JobRecord(job: try Harness.makeJob("b", units: 9), submittedAt: Harness.wall))
      (first.isPaused, first.retries) = (true, ["x"])
      try journal.keep(first)
      let found = try records(journal)
      #expect(found.map(\.job.spec.name) == ["a", "b"])
      #expect(found[0].isPaused && found[0].retries == ["x"])
    }
  }

  @Test("how a job ended comes back in every field, and its job does not")
  func end() throws {
    try withDirectory { directory in
      let view = try ended("a", .failed)
      do {
        let journal = try JobJournal(directory: directory)
        try journal.keep(JobRecord(job: try Harness.makeJob("a", units: 8), submittedAt: Harness.wall))
        try journal.end(view, keeping: 10)
      }
      let journal = try JobJournal(directory: directory)
      #expect(try journal.jobs().isEmpty)
      #expect(try journal.endedJobs() == [view])
    }
  }

  @Test("a job that is submitted again has not ended")
  func again() throws {
    try withDirectory { directory in
      let journal = try JobJournal(directory: directory)
      let record = JobRecord(job: try Harness.makeJob("a", units: 8), submittedAt: Harness.wall)
      try journal.keep(record)
      try journal.end(try ended("a"), keeping: 10)
      try journal.keep(record)
      #expect(try journal.endedJobs().isEmpty)
      #expect(try records(journal).count == 1)
    }
  }

  @Test("of those that ended the last are kept, however often others came and went")
  func bound() throws {
    try withDirectory { directory in
      let journal = try JobJournal(directory: directory)
      let views = try ["a", "b", "c"].map { try ended($0) }
      for view in views { try journal.end(view, keeping: 3) }
      for _ in 0..<5 { for view in views.suffix(2) { try journal.end(view, keeping: 3) } }
      #expect(try journal.endedJobs().map(\.name) == ["a", "b", "c"])
      try journal.end(try ended("d"), keeping: 3)
      #expect(try journal.endedJobs().map(\.name) == ["b", "c", "d"])
    }
  }

  @Test("a second coordinator is told that the journal is taken")
  func locked() throws {
    try withDirectory { directory in
      let journal = try JobJournal(directory: directory)
      #expect {
        _ = try JobJournal(directory: directory)
      } throws: {
        "\($0)".contains("another coordinator")
      }
      #expect(try journal.jobs().isEmpty)
    }
  }

  /// The journal of the releases before there were priorities.
  private func writeFirstVersion(_ payloads: [(id: String, payload: [UInt8])], _ directory: URL) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let queue = try DatabaseQueue(path: directory.appending(path: "jobs.sqlite").path)
    try queue.write { db in
      try db.execute(
        sql: "CREATE TABLE jobs (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, payload BLOB NOT NULL)")
      for (id, payload) in payloads {
        try db.execute(sql: "INSERT INTO jobs (id, payload) VALUES (?, ?)", arguments: [id, Data(payload)])
      }
    }
    try queue.close()
  }

  @Test("a journal of an earlier release is read, its jobs with the usual priority, and is kept in the new form")
  func firstVersion() throws {
    try withDirectory { directory in
      let job = try Harness.makeJob("a", units: 8)
      try writeFirstVersion([(job.id.rawValue, FleetMessage.submit(JobPayload(job)).encoded())], directory)
      do {
        let journal = try JobJournal(directory: directory)
        var record = try #require(try records(journal).first)
        #expect(record.job.id == job.id && record.priority == .normal && record.owner == "" && !record.isPaused)
        #expect(abs(record.submittedAt.timeIntervalSinceNow) < 3600, "when it was first seen here")
        record.isPaused = true
        try journal.keep(record)
        try journal.end(try ended("b"), keeping: 10)
      }
      let journal = try JobJournal(directory: directory)
      #expect(try records(journal).map(\.isPaused) == [true])
      #expect(try journal.endedJobs().map(\.name) == ["b"])
    }
  }

  @Test("a job that cannot be read any more is an error in its place, and the others are read")
  func unreadable() throws {
    try withDirectory { directory in
      let job = try Harness.makeJob("a", units: 8)
      try writeFirstVersion(
        [("broken-00000000", [1, 2, 3]), (job.id.rawValue, FleetMessage.submit(JobPayload(job)).encoded())], directory)
      let jobs = try JobJournal(directory: directory).jobs()
      #expect(jobs.map { (try? $0.get())?.job.id } == [nil, job.id])
    }
  }

  @Test("a journal of a later release is left alone, and the error says what to do")
  func laterVersion() throws {
    try withDirectory { directory in
      try writeFirstVersion([], directory)
      let path = directory.appending(path: "jobs.sqlite").path
      let queue = try DatabaseQueue(path: path)
      try queue.write { try $0.execute(sql: "PRAGMA user_version = 99") }
      try queue.close()
      #expect {
        _ = try JobJournal(directory: directory)
      } throws: {
        "\($0)".contains("newer release")
      }
    }
  }

  @Test("a file that is no journal is an error that says what to do, and is left as it is")
  func damaged() throws {
    try withDirectory { directory in
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let file = directory.appending(path: "jobs.sqlite")
      let noise = Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      try noise.write(to: file)
      #expect {
        _ = try JobJournal(directory: directory)
      } throws: {
        "\($0)".contains("move it away")
      }
      #expect(try Data(contentsOf: file) == noise)
    }
  }
}
