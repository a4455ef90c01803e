import Foundation
import GRDB

/// A finding as the catalogue holds it.
public struct StoredFinding: Hashable, Sendable, Codable {
  public let analysis: String
  public let question: String
  public let measure: String
  public let labels: [String: String]
  public let value: Double
  /// The ends of the 95% interval and how it was found; nil without one.
  public let low: Double?
  public let high: Double?
  public let method: String?
  public let pValue: Double?
  public let n: Int

  public init(
    analysis: String, question: String, measure: String, labels: [String: String], value: Double, low: Double? = nil,
    high: Double? = nil, method: String? = nil, pValue: Double? = nil, n: Int
  ) {
    (self.analysis, self.question, self.measure, self.labels) = (analysis, question, measure, labels)
    (self.value, self.low, self.high, self.method, self.pValue, self.n) = (value, low, high, method, pValue, n)
  }

  /// In JSON, null stands where there is no interval or p-value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(analysis, forKey: .analysis)
    try container.encode(question, forKey: .question)
    try container.encode(measure, forKey: .measure)
    try container.encode(labels, forKey: .labels)
    try container.encode(value, forKey: .value)
    try container.encode(low, forKey: .low)
    try container.encode(high, forKey: .high)
    try container.encode(method, forKey: .method)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(n, forKey: .n)
  }
}

/// The findings of a run.
public struct FindingStore {
  /// Which findings to read; all that are not said otherwise.
  public struct Filter: Hashable, Sendable {
    public var analysis: String?
    public var measure: String?
    /// Labels a finding must have, among others.
    public var labels: [String: String]

    public init(analysis: String? = nil, measure: String? = nil, labels: [String: String] = [:]) {
      (self.analysis, self.measure, self.labels) = (analysis, measure, labels)
    }
  }

  private let directory: URL
  private var path: String { directory.appending(path: "catalogue.sqlite").path }

  /// - Parameter directory: of the run.
  public init(_ directory: URL) { self.directory = directory }

  /// Replaces all findings of the run, in one transaction. Those that are there already are left: analysing a run again
  /// changes no byte of it.
  public func replace(_ findings: [StoredFinding]) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.mismatch, "there is no \(path)")
    }
    if let present = try? ResultReader(directory).findings(), present == findings { return }
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    try StoreError.translating(path) {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { db in
        try db.execute(sql: "DELETE FROM findings")
        let insert = try db.makeStatement(
          sql: """
            INSERT INTO findings (analysis, question, measure, labels, value, low, high, method, p_value, n)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        for finding in findings {
          try insert.execute(arguments: [
            finding.analysis, finding.question, finding.measure, try Self.json(finding.labels), finding.value,
            finding.low, finding.high, finding.method, finding.pValue, finding.n,
          ])
        }
      }
      try queue.close()
    }
  }

  private static func json(_ labels: [String: String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(labels), as: UTF8.self)
  }
}

extension ResultReader {
  /// The findings of the run's analyses, in their order.
  public func findings(_ filter: FindingStore.Filter = .init()) throws -> [StoredFinding] {
    try read { db in
      let sql = """
        SELECT analysis, question, measure, labels, value, low, high, method, p_value, n FROM findings
        WHERE (?1 IS NULL OR analysis = ?1) AND (?2 IS NULL OR measure = ?2) ORDER BY id
        """
      return try Row.fetchAll(db, sql: sql, arguments: [filter.analysis, filter.measure]).map(Self.finding)
        .filter { finding in filter.labels.allSatisfy { finding.labels[$0] == $1 } }
    }
  }

  private static func finding(_ row: Row) throws -> StoredFinding {
    guard let labels = try? JSONDecoder().decode([String: String].self, from: Data(row.text(3).utf8)) else {
      throw StoreError(.damaged, "the labels of a finding are not JSON")
    }
    return StoredFinding(
      analysis: try row.text(0), question: try row.text(1), measure: try row.text(2), labels: labels,
      value: try row.real(4), low: row.isNull(5) ? nil : try row.real(5), high: row.isNull(6) ? nil : try row.real(6),
      method: row.isNull(7) ? nil : try row.text(7), pValue: row.isNull(8) ? nil : try row.real(8),
      n: Int(try row.integer(9)))
  }
}
