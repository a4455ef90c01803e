import GRDB
import SweepSpec

/// Values of a row whose types are not taken for granted: a damaged catalogue may hold anything anywhere.
extension Row {
  func text(_ column: Int) throws -> String {
    try field(column) { if case .string(let value) = $0 { value } else { nil } }
  }

  func integer(_ column: Int) throws -> Int64 {
    try field(column) { if case .int64(let value) = $0 { value } else { nil } }
  }

  func natural(_ column: Int) throws -> UInt64 {
    try field(column) { if case .int64(let value) = $0 { UInt64(exactly: value) } else { nil } }
  }

  func real(_ column: Int) throws -> Double {
    try field(column) { if case .double(let value) = $0 { value } else { nil } }
  }

  func blob(_ column: Int) throws -> [UInt8] {
    try field(column) { if case .blob(let value) = $0 { Array(value) } else { nil } }
  }

  func isNull(_ column: Int) -> Bool { value(column).isNull }

  /// For people: text, numbers in digits, and nothing for the rest.
  func label(_ column: Int) -> String {
    switch value(column).storage {
    case .string(let value): value
    case .int64(let value): String(value)
    case .double(let value): Axis.Values.numbers([value]).label(at: 0)
    case .null, .blob: ""
    }
  }

  private func value(_ column: Int) -> DatabaseValue { column < count ? self[column] : .null }

  private func field<Value>(_ column: Int, _ read: (DatabaseValue.Storage) -> Value?) throws -> Value {
    guard let value = read(value(column).storage) else {
      throw StoreError(.damaged, "the catalogue's column \(column) of a row is of the wrong type")
    }
    return value
  }
}
