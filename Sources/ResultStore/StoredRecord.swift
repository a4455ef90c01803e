import Crypto
import Foundation
import GRDB
import SonarModel
import SweepSpec

/// A record as the catalogue holds it, and the checksum that ties its rows and its array values together.
struct StoredRecord {
  struct Decode {
    let language: String
    let text: String
    /// A JSON array.
    let tokenIDs: String
    let logProbability: Double
    let score: Double?
    let expectation: Expectation?

    var exactMatch: Int64? { expectation.map { $0.errors == 0 ? 1 : 0 } }
  }

  struct Expectation {
    let text: String
    let tokens: Int64
    let errors: Int64
  }

  struct Failure {
    let code: String
    let message: String
  }

  let unit: UnitIndex
  let status: String
  let attempts: Int64
  /// The worker's number in the catalogue.
  let worker: Int64
  let seconds: Double
  let failure: Failure?
  /// By language, in the order of bytes.
  var decodes: [Decode]

  init(_ record: SweepSpec.Record, worker: Int64) {
    unit = record.unit
    status = record.status.rawValue
    attempts = Int64(record.attempt)
    self.worker = worker
    seconds = record.seconds
    switch record.outcome {
    case .done(_, _, let decodes):
      failure = nil
      self.decodes = decodes.map(Decode.init).sorted { $0.language.utf8.lexicographicallyPrecedes($1.language.utf8) }
    case .failed(let error):
      failure = Failure(code: error.code.storable, message: error.message.storable)
      decodes = []
    case .skipped:
      failure = nil
      decodes = []
    }
  }

  /// From a row of unit, status, attempts, worker, seconds, checksum, error code, error message.
  init(_ row: Row) throws {
    unit = try row.natural(0)
    status = try row.text(1)
    attempts = try row.integer(2)
    worker = try row.integer(3)
    seconds = try row.real(4)
    failure = row.isNull(6) && row.isNull(7) ? nil : Failure(code: try row.text(6), message: try row.text(7))
    decodes = []
  }

  var isDone: Bool { status == UnitStatus.done.rawValue }

  /// The first 64 bits of the SHA-256 of everything the record has.
  ///
  /// - Parameter arrays: the unit's values in each of the job's arrays, in order; none unless it is done.
  func checksum(_ arrays: [[Float]]) -> Int64 {
    var input = checksumInput(reserving: arrays.reduce(0) { $0 + 4 * $1.count })
    for array in arrays { array.withUnsafeBytes { input.add($0) } }
    return input.checksum
  }

  /// The same of values as they are stored, little-endian.
  func checksum(stored arrays: [ArraySlice<UInt8>]) -> Int64 {
    var input = checksumInput(reserving: arrays.reduce(0) { $0 + $1.count })
    for array in arrays { array.withUnsafeBytes { input.add($0) } }
    return input.checksum
  }

  private func checksumInput(reserving count: Int) -> ChecksumInput {
    var input = ChecksumInput(reserving: count + 512)
    input.add(unit)
    input.add(status)
    input.add(attempts)
    input.add(worker)
    input.add(seconds)
    input.add(failure?.code)
    input.add(failure?.message)
    input.add(decodes.count)
    for decode in decodes {
      input.add(decode.language)
      input.add(decode.text)
      input.add(decode.tokenIDs)
      input.add(decode.logProbability)
      input.add(decode.score)
      input.add(decode.expectation?.text)
      input.add(decode.expectation?.tokens ?? -1)
      input.add(decode.expectation?.errors ?? -1)
    }
    return input
  }
}

extension StoredRecord.Decode {
  init(_ decode: DecodedText) {
    language = decode.language.rawValue
    text = decode.text.storable
    tokenIDs = decode.ids.json
    logProbability = Double(decode.logProbability)
    score = decode.score.map { Double($0) }
    expectation = decode.expectation.map {
      .init(text: $0.text.storable, tokens: Int64($0.tokens), errors: Int64($0.errors))
    }
  }

  /// From a row of unit, language, text, token ids, log-probability, score, exact match, expected text, expected tokens,
  /// token errors.
  init(_ row: Row) throws {
    language = try row.text(1)
    text = try row.text(2)
    tokenIDs = try row.text(3)
    logProbability = try row.real(4)
    score = row.isNull(5) ? nil : try row.real(5)
    expectation =
      (6...9).allSatisfy(row.isNull)
      ? nil : .init(text: try row.text(7), tokens: try row.integer(8), errors: try row.integer(9))
    guard try exactMatch == (row.isNull(6) ? nil : row.integer(6)) else {
      throw StoreError(.damaged, "a decode's exact match and token errors say different things")
    }
  }
}

/// Fields one after the other, each of a known length, so that no two records give the same bytes.
private struct ChecksumInput {
  private var bytes: [UInt8] = []

  init(reserving count: Int) { bytes.reserveCapacity(count) }

  mutating func add(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ value: Double?) {
    // SQLite does not keep the sign of zero, and stores no NaN.
    add(value.map { ($0 + 0).bitPattern } ?? UInt64.max)
  }

  mutating func add(_ text: String?) {
    guard let text else { return add(-1 as Int) }
    add(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func add(_ values: UnsafeRawBufferPointer) {
    add(values.count)
    bytes.append(contentsOf: values)
  }

  var checksum: Int64 {
    SHA256.hash(data: bytes).withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
  }
}

extension [TokenID] {
  var json: String { "[" + map { String($0.rawValue) }.joined(separator: ",") + "]" }
}

extension String {
  /// Without zero characters, at which SQLite's text ends.
  fileprivate var storable: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}
