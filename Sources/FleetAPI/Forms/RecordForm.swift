import ResultStore

/// A committed unit: `Record` of the OpenAPI document.
struct RecordForm: Encodable {
  struct Decode: Encodable {
    let target, text: String
    let expected: OrNull<String>
    let exactMatch: OrNull<Bool>
    let tokenErrors: OrNull<Int>
    let logProbability: Double
  }

  struct Failure: Encodable, Hashable { let code, message: String }

  let unit: UInt64
  let status: String
  let labels: [String: String]
  let decodes: [Decode]
  let error: OrNull<Failure>

  init(_ record: ResultReader.UnitRecord) {
    (unit, status, labels) = (record.unit, record.status, record.labels)
    decodes = record.decodes.map {
      Decode(
        target: $0.target, text: $0.text, expected: OrNull($0.expected), exactMatch: OrNull($0.exactMatch),
        tokenErrors: OrNull($0.tokenErrors), logProbability: $0.logProbability)
    }
    error = OrNull(record.error.map { Failure(code: $0.code, message: $0.message) })
  }
}

/// A page of records.
struct RecordsForm: Encodable {
  let records: [RecordForm]
  let next: OrNull<UInt64>
}

/// Findings, and the units they are of.
struct FindingsForm: Encodable {
  let findings: [StoredFinding]
  let units: UInt64
  let final: Bool
}

/// Figures, and the units they are of.
struct FiguresForm: Encodable {
  struct Figure: Encodable { let name, url: String }

  let figures: [Figure]
  let units: UInt64
  let final: Bool
}
