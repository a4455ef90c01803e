import Messaging
import SonarModel
import SweepSpec

/// The fields of a message or record, with typed access that names what is missing or wrong.
struct MessageFields {
  private let map: [String: MessagePackValue]
  private let context: String

  init(_ value: MessagePackValue, _ context: String) throws {
    guard case .map(let map) = value else { throw MessagingError(.malformed, "\(context) is not a map") }
    self.map = map
    self.context = context
  }

  func string(_ key: String, limit: Int = 4096) throws -> String {
    guard case .string(let value)? = map[key], value.utf8.count <= limit else { throw wrong(key, "a string") }
    return value
  }

  func unsigned(_ key: String) throws -> UInt64 {
    guard let value = try? Self.unsigned(map[key]) else { throw wrong(key, "an unsigned integer") }
    return value
  }

  func optionalUnsigned(_ key: String) throws -> UInt64? { isNull(key) ? nil : try unsigned(key) }

  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
    guard case .int(let value)? = map[key], let value = Int(exactly: value), range.contains(value) else {
      throw wrong(key, "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func double(_ key: String) throws -> Double {
    switch map[key] {
    case .double(let value)?: return value
    case .int(let value)?: return Double(value)
    default: throw wrong(key, "a number")
    }
  }

  func optionalDouble(_ key: String) throws -> Double? { isNull(key) ? nil : try double(key) }

  func doubles(_ key: String) throws -> [Double] {
    try array(key).map {
      switch $0 {
      case .double(let value): value
      case .int(let value): Double(value)
      default: throw wrong(key, "an array of numbers")
      }
    }
  }

  func optionalMap(_ key: String, _ context: String) throws -> MessageFields? {
    guard let value = map[key], value != .null else { return nil }
    return try MessageFields(value, context)
  }

  func binary(_ key: String) throws -> [UInt8] {
    guard case .binary(let value)? = map[key] else { throw wrong(key, "binary") }
    return value
  }

  /// Values of IEEE 754 binary32, little-endian, one after the other.
  func floats(_ key: String) throws -> [Float] {
    guard let values = [Float](littleEndianBytes: try binary(key)) else { throw wrong(key, "float32 values") }
    return values
  }

  func floatArrays(_ key: String) throws -> [[Float]] {
    try array(key).map { value in
      guard case .binary(let bytes) = value, let values = [Float](littleEndianBytes: bytes) else {
        throw wrong(key, "an array of binary float32 values")
      }
      return values
    }
  }

  func array(_ key: String) throws -> [MessagePackValue] {
    guard case .array(let value)? = map[key] else { throw wrong(key, "an array") }
    return value
  }

  func pairs(_ key: String) throws -> [String: MessagePackValue] {
    guard case .map(let value)? = map[key] else { throw wrong(key, "a map") }
    return value
  }

  /// Names of at most 64 bytes with a number each, at most `limit` of them.
  func unsignedMap(_ key: String, limit: Int) throws -> [String: UInt64] {
    let pairs = try pairs(key)
    guard pairs.count <= limit, pairs.keys.allSatisfy({ $0.utf8.count <= 64 }),
      let values = try? pairs.mapValues({ try Self.unsigned($0) })
    else { throw wrong(key, "at most \(limit) names with an unsigned integer each") }
    return values
  }

  func unsignedArray(_ key: String) throws -> [UInt64] {
    guard let values = try? array(key).map({ try Self.unsigned($0) }) else {
      throw wrong(key, "an array of unsigned integers")
    }
    return values
  }

  func job(_ key: String = "job") throws -> JobID {
    guard let job = JobID(rawValue: try string(key, limit: 80)) else { throw wrong(key, "a job id") }
    return job
  }

  func unitRanges(_ key: String) throws -> [UnitRange] {
    let bounds = try unsignedArray(key)
    guard bounds.count % 2 == 0 else { throw wrong(key, "pairs of unit indices") }
    return try stride(from: 0, to: bounds.count, by: 2).map { i in
      guard bounds[i] < bounds[i + 1] else { throw wrong(key, "ascending pairs of unit indices") }
      return bounds[i]..<bounds[i + 1]
    }
  }

  func counts() throws -> UnitCounts {
    let counts = UnitCounts(
      done: try unsigned("done"), failed: try unsigned("failed"), skipped: try unsigned("skipped"))
    guard max(counts.done, counts.failed, counts.skipped) < 1 << 62 else { throw wrong("done", "a count below 2^62") }
    return counts
  }

  private func isNull(_ key: String) -> Bool { map[key] == nil || map[key] == .null }

  private static func unsigned(_ value: MessagePackValue?) throws -> UInt64 {
    switch value {
    case .int(let value)? where value >= 0: return UInt64(value)
    case .uint(let value)?: return value
    default: throw MessagingError(.malformed, "not an unsigned integer")
    }
  }

  func wrong(_ key: String, _ expected: String) -> MessagingError {
    MessagingError(.malformed, "\(context): '\(key)' is not \(expected)")
  }
}
