import Foundation
import GRDB
import SweepSpec

/// A run's catalogue, open for reading, finished or not.
public final class ResultReader {
  public struct Summary: Sendable, Codable {
    public let job: String
    public let name: String
    public let kind: String
    public let model: String
    public let status: String
    public let units: UInt64
    public let done: UInt64
    public let failed: UInt64
    public let skipped: UInt64
    public let decodes: UInt64
    /// Decodes for which something exact was expected, and those that gave it.
    public let expected: UInt64
    public let exact: UInt64
    public let divergent: UInt64
    public let createdAt: String
    public let finishedAt: String?
    public let directory: String

    /// Whether nothing is left to do.
    public var isDone: Bool { status == "done" }
  }

  public struct Decode: Sendable, Codable {
    public let unit: UInt64
    public let labels: [String: String]
    public let target: String
    public let text: String
    public let logProbability: Double
    /// Nil, in JSON null, where nothing exact was expected.
    public let exactMatch: Bool?

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(unit, forKey: .unit)
      try container.encode(labels, forKey: .labels)
      try container.encode(target, forKey: .target)
      try container.encode(text, forKey: .text)
      try container.encode(logProbability, forKey: .logProbability)
      try container.encode(exactMatch, forKey: .exactMatch)
    }
  }

  public struct Failure: Sendable, Codable {
    public let unit: UInt64
    public let code: String
    public let message: String
  }

  public let directory: URL
  private let queue: DatabaseQueue

  /// Opens `directory`; throws where it holds no catalogue.
  public init(_ directory: URL) throws {
    let path = directory.appending(path: "catalogue.sqlite").path
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.mismatch, "\(directory.path) holds no results: there is no catalogue.sqlite")
    }
    self.directory = directory
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    queue = try DatabaseQueue(path: path, configuration: configuration)
  }

  /// The runs below a results directory, by id.
  public static func runs(in results: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: results.path)) ?? []
    return names.sorted().map { results.appending(path: $0) }.filter {
      FileManager.default.fileExists(atPath: $0.appending(path: "catalogue.sqlite").path)
    }
  }

  /// The job and its counts as they stand in the catalogue now.
  public func summary() throws -> Summary {
    try queue.read { db in
      guard let job = try Row.fetchOne(db, sql: "SELECT * FROM job") else {
        throw StoreError(.mismatch, "\(directory.path) holds no job yet")
      }
      func count(_ sql: String) throws -> UInt64 { UInt64(try Int64.fetchOne(db, sql: sql) ?? 0) }
      return Summary(
        job: job["id"], name: job["name"], kind: job["kind"], model: job["model"], status: job["status"],
        units: UInt64(job["unit_count"] as Int64),
        done: try count("SELECT count(*) FROM units WHERE status = 'done'"),
        failed: try count("SELECT count(*) FROM units WHERE status = 'failed'"),
        skipped: try count("SELECT count(*) FROM units WHERE status = 'skipped'"),
        decodes: try count("SELECT count(*) FROM decodes"),
        expected: try count("SELECT count(exact_match) FROM decodes"),
        exact: try count("SELECT count(*) FROM decodes WHERE exact_match = 1"),
        divergent: try count("SELECT count(*) FROM divergences"),
        createdAt: job["created_at"], finishedAt: job["finished_at"], directory: directory.path)
    }
  }

  /// The sweep's axes, in order.
  public func axes() throws -> [(name: String, size: Int)] {
    try queue.read { db in
      try Row.fetchAll(db, sql: "SELECT name, size FROM axes ORDER BY position").map { ($0["name"], $0["size"]) }
    }
  }

  /// Decodes by unit index.
  public func decodes(limit: Int) throws -> [Decode] {
    let names = try axes().map(\.name)
    return try queue.read { db in
      let sql = "SELECT * FROM labelled_decodes ORDER BY unit, target LIMIT ?"
      return try Row.fetchAll(db, sql: sql, arguments: [limit]).map { row in
        let labels = names.map { name in (name, (row[name] as DatabaseValue).description.unquoted) }
        return Decode(
          unit: UInt64(row["unit"] as Int64), labels: .init(uniqueKeysWithValues: labels), target: row["target"],
          text: row["text"], logProbability: row["log_probability"], exactMatch: row["exact_match"])
      }
    }
  }

  /// Failed units by index, with their reasons.
  public func failures(limit: Int) throws -> [Failure] {
    try queue.read { db in
      try Row.fetchAll(db, sql: "SELECT unit, code, message FROM errors ORDER BY unit LIMIT ?", arguments: [limit]).map
      {
        Failure(unit: UInt64($0["unit"] as Int64), code: $0["code"], message: $0["message"])
      }
    }
  }
}

extension String {
  /// GRDB describes a text value in quotes.
  fileprivate var unquoted: String {
    hasPrefix("\"") && hasSuffix("\"") && count >= 2 ? String(dropFirst().dropLast()) : self
  }
}
