import GRDB
import SweepSpec

/// Compares every committed unit with its checksum, rows and array values alike, in the order of units and with one chunk
/// of each array in memory.
struct StoreVerification {
  struct Outcome {
    /// Units that are as they were committed.
    var committed = UnitSet()
    var counts = UnitCounts()
    /// Units whose rows or values are not.
    var damaged = UnitSet()
    /// Chunks with values of no unit, or of the wrong size.
    var damagedChunks = 0
    var hasStrayRows = false

    var isSound: Bool { damaged.isEmpty && damagedChunks == 0 && !hasStrayRows }
  }

  private let catalogue: Catalogue
  private let unitCount: UInt64
  private var audits: [ChunkAudit]

  /// - Parameters:
  ///   - arrays: the directory of the arrays, `arrays.zarr`.
  ///   - repairing: whether chunks are made what they should be. The catalogue is not changed.
  init(_ catalogue: Catalogue, _ job: Job, arrays: String, repairing: Bool) {
    self.catalogue = catalogue
    unitCount = job.sweep.unitCount
    audits = OutputArray.outputs(of: job.spec).map { output in
      ChunkAudit(
        directory: "\(arrays)/\(output.name)", grid: ZarrGroup.grid(of: output, in: job.sweep),
        tailDimensions: output.tail.count, repairing: repairing)
    }
  }

  mutating func run() throws -> Outcome {
    var outcome = Outcome()
    var (committed, damaged, done) = (RunCollector(), RunCollector(), RunCollector())
    try catalogue.read { db in
      let workers = try Int64.fetchSet(db, sql: "SELECT id FROM workers")
      let decodes = try DecodeCursor(db)
      let units = try Row.fetchCursor(
        db,
        sql: """
          SELECT units.unit, status, attempts, worker, seconds, checksum, code, message
          FROM units LEFT JOIN errors ON errors.unit = units.unit
          WHERE units.unit >= 0 AND units.unit < ? ORDER BY units.unit
          """, arguments: [Int64(unitCount)])
      while let row = try units.next() {
        let unit = try row.natural(0)
        guard let status = try check(row, try decodes.rows(of: unit), workers) else {
          damaged.add(unit)
          continue
        }
        committed.add(unit)
        outcome.counts.add(of: status)
        if status == .done { done.add(unit) }
      }
    }
    let kept = done.finish()
    for i in audits.indices {
      try audits[i].finish(kept: kept)
      outcome.damagedChunks += audits[i].damagedChunks
    }
    outcome.committed = committed.finish()
    outcome.damaged = damaged.finish()
    outcome.hasStrayRows = try catalogue.hasStrayRows()
    return outcome
  }

  /// The unit's status; nil where something of it is not as it was committed.
  private mutating func check(
    _ row: Row, _ decodes: [StoredRecord.Decode]?, _ workers: Set<Int64>
  ) throws -> UnitStatus? {
    guard let decodes, var record = try? StoredRecord(row), let checksum = try? row.integer(5),
      let status = UnitStatus(rawValue: record.status), workers.contains(record.worker)
    else { return nil }
    record.decodes = decodes
    guard status == .done else { return record.checksum([]) == checksum ? status : nil }
    var values: [ArraySlice<UInt8>] = []
    for i in audits.indices {
      guard let bytes = try audits[i].bytes(of: record.unit) else { return nil }
      values.append(bytes)
    }
    guard record.checksum(stored: values) == checksum else { return nil }
    for i in audits.indices { audits[i].keep(record.unit) }
    return status
  }
}

/// The decodes of one unit after the other.
private final class DecodeCursor {
  private let cursor: RowCursor
  private var row: Row?

  init(_ db: Database) throws {
    cursor = try Row.fetchCursor(
      db,
      sql: """
        SELECT unit, language, text, token_ids, log_probability, score, exact_match, expected, expected_tokens,
          token_errors
        FROM decodes ORDER BY unit, language
        """)
    row = try cursor.next()
  }

  /// A unit's decodes, nil where one cannot be read. Units must be asked for in order.
  func rows(of unit: UnitIndex) throws -> [StoredRecord.Decode]? {
    var decodes: [StoredRecord.Decode]? = []
    while let current = row, let other = try? current.integer(0), other <= Int64(unit) {
      if other == Int64(unit) {
        if let decode = try? StoredRecord.Decode(current) { decodes?.append(decode) } else { decodes = nil }
      }
      row = try cursor.next()
    }
    return decodes
  }
}

/// Collects units that come in order, as ranges.
private struct RunCollector {
  private var set = UnitSet()
  private var run: UnitRange?

  mutating func add(_ unit: UnitIndex) {
    if let current = run, current.upperBound == unit {
      run = current.lowerBound..<unit + 1
    } else {
      if let run { set.insert(run) }
      run = unit..<unit + 1
    }
  }

  mutating func finish() -> UnitSet {
    if let run { set.insert(run) }
    run = nil
    return set
  }
}
