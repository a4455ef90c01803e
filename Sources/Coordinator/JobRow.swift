import FleetProtocol
import Foundation
import GRDB
import SweepSpec

/// A job that has not ended, as a row of the journal.
struct JobRow: Codable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "jobs"

  private enum CodingKeys: String, CodingKey {
    case id, payload, priority, owner, paused, retries
    case submittedAt = "submitted_at"
    case startedAt = "started_at"
  }

  let id: String
  /// The protocol's `submit` message.
  let payload: Data
  let priority: Int
  let owner: String
  let submittedAt: Double
  let startedAt: Double?
  let paused: Bool
  /// JSON.
  let retries: String

  init(_ record: JobRecord) throws {
    id = record.job.id.rawValue
    payload = Data(FleetMessage.submit(JobPayload(record.job)).encoded())
    (priority, owner) = (record.priority.rawValue, record.owner)
    submittedAt = record.submittedAt.timeIntervalSince1970
    startedAt = record.startedAt?.timeIntervalSince1970
    paused = record.isPaused
    retries = try Self.text(of: record.retries)
  }

  static func text(of retries: [String]) throws -> String {
    String(decoding: try JSONEncoder().encode(retries), as: UTF8.self)
  }

  func record() throws -> JobRecord {
    guard case .submit(let content) = try FleetMessage(decoding: Array(payload)) else {
      throw FleetError("an entry of the journal is no job")
    }
    let job = try content.makeJob()
    let codes = try JSONDecoder().decode([String].self, from: Data(retries.utf8))
    return JobRecord(
      job: job, priority: JobPriority(clamping: priority), owner: owner,
      submittedAt: Date(timeIntervalSince1970: submittedAt),
      startedAt: startedAt.map { Date(timeIntervalSince1970: $0) }, isPaused: paused, retries: codes)
  }
}
