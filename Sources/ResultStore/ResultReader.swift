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
    /// Records that did not fit the job and were not taken.
    public let refused: UInt64
    /// Units that were found damaged when the store was opened, and computed again.
    public let repaired: UInt64
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
    public let labels: [String: String]
    public let code: String
    public let message: String
    public let attempts: Int64
  }

  public struct Refusal: Sendable, Codable {
    public let worker: String
    public let reason: String
    public let count: UInt64
    /// The last one's reason in full.
    public let example: String
    public let lastAt: String
  }

  public let directory: URL
  private let path: String
  private let queue: DatabaseQueue

  /// Opens `directory`. Throws a `StoreError` where it holds no catalogue, or a damaged or older one, as do all methods.
  public init(_ directory: URL) throws {
    let path = directory.appending(path: "catalogue.sqlite").path
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.mismatch, "\(directory.path) holds no results: there is no catalogue.sqlite")
    }
    self.directory = directory
    self.path = path
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    queue = try StoreError.translating(path) { try DatabaseQueue(path: path, configuration: configuration) }
    let version = try read { db in
      guard try db.tableExists("job"), let row = try Row.fetchOne(db, sql: "SELECT schema_version FROM job") else {
        throw StoreError(.damaged, "\(path) holds no job")
      }
      return try row.integer(0)
    }
    try CatalogueInspection.check(version: Int(version), path)
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
    try read { db in
      let sql = "SELECT id, name, kind, model, status, unit_count, created_at, finished_at FROM job"
      guard let job = try Row.fetchOne(db, sql: sql) else {
        throw StoreError(.damaged, "\(path) holds no job")
      }
      func count(_ sql: String) throws -> UInt64 { try Row.fetchOne(db, sql: "SELECT \(sql)")?.natural(0) ?? 0 }
      return Summary(
        job: try job.text(0), name: try job.text(1), kind: try job.text(2), model: try job.text(3),
        status: try job.text(4), units: try job.natural(5),
        done: try count("count(*) FROM units WHERE status = 'done'"),
        failed: try count("count(*) FROM units WHERE status = 'failed'"),
        skipped: try count("count(*) FROM units WHERE status = 'skipped'"),
        decodes: try count("count(*) FROM decodes"),
        expected: try count("count(exact_match) FROM decodes"),
        exact: try count("count(*) FROM decodes WHERE exact_match = 1"),
        divergent: try count("count(*) FROM divergences"),
        refused: try count("coalesce(sum(count), 0) FROM refusals"),
        repaired: try count("coalesce(sum(units), 0) FROM repairs"),
        createdAt: job.label(6), finishedAt: job.isNull(7) ? nil : job.label(7), directory: directory.path)
    }
  }

  /// Builds the job again from what the catalogue holds of it.
  public func job() throws -> Job {
    try read { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT id, spec FROM job") else {
        throw StoreError(.damaged, "\(path) holds no job")
      }
      var assets: [AssetReference: Data] = [:]
      for asset in try Row.fetchAll(db, sql: "SELECT sha256, content FROM assets") {
        assets[AssetReference(sha256: try asset.text(0))] = Data(try asset.blob(1))
      }
      let (id, spec) = (try row.text(0), try row.text(1))
      do {
        let job = try Job(canonicalSpec: Data(spec.utf8), assets: Assets(checking: assets))
        guard job.id.rawValue == id else { throw SweepError("it belongs to \(job.id), not to \(id)") }
        return job
      } catch let error as SweepError {
        throw StoreError(.damaged, "\(path): the job cannot be built again: \(error)")
      }
    }
  }

  /// The sweep's axes, in order.
  public func axes() throws -> [(name: String, size: Int)] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT name, size FROM axes ORDER BY position").map {
        (try $0.text(0), Int(try $0.integer(1)))
      }
    }
  }

  /// Decodes by unit index.
  public func decodes(limit: Int) throws -> [Decode] {
    let names = try axes().map(\.name)
    return try read { db in
      let columns = names.map(\.quotedDatabaseIdentifier).joined(separator: ", ")
      let sql = """
        SELECT unit, target, text, log_probability, exact_match, \(columns) FROM labelled_decodes
        ORDER BY unit, target LIMIT ?
        """
      return try Row.fetchAll(db, sql: sql, arguments: [limit]).map { row in
        Decode(
          unit: try row.natural(0), labels: Self.labels(names, row, from: 5), target: try row.text(1),
          text: try row.text(2), logProbability: try row.real(3),
          exactMatch: row.isNull(4) ? nil : try row.integer(4) == 1)
      }
    }
  }

  /// Failed units by index, with their reasons.
  ///
  /// - Parameter code: only those that failed so.
  public func failures(code: String? = nil, limit: Int) throws -> [Failure] {
    let names = try axes().map(\.name)
    return try read { db in
      let columns = names.map { "labelled_units." + $0.quotedDatabaseIdentifier }.joined(separator: ", ")
      let sql = """
        SELECT errors.unit, code, message, attempts, \(columns)
        FROM errors JOIN labelled_units ON labelled_units.unit = errors.unit
        WHERE ?1 IS NULL OR code = ?1 ORDER BY errors.unit LIMIT ?2
        """
      return try Row.fetchAll(db, sql: sql, arguments: [code, limit]).map { row in
        Failure(
          unit: try row.natural(0), labels: Self.labels(names, row, from: 4), code: try row.text(1),
          message: try row.text(2), attempts: try row.integer(3))
      }
    }
  }

  /// Which records were refused, most first.
  public func refusals() throws -> [Refusal] {
    try read { db in
      let sql = "SELECT worker, reason, count, example, last_at FROM refusals ORDER BY count DESC, worker, reason"
      return try Row.fetchAll(db, sql: sql).map {
        Refusal(
          worker: try $0.text(0), reason: try $0.text(1), count: try $0.natural(2), example: try $0.text(3),
          lastAt: try $0.text(4))
      }
    }
  }

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try StoreError.translating(path) { try queue.read(body) }
  }

  private static func labels(_ names: [String], _ row: Row, from column: Int) -> [String: String] {
    Dictionary(names.enumerated().map { ($1, row.label(column + $0)) }) { first, _ in first }
  }
}
