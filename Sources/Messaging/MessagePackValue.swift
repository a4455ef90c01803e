/// A MessagePack value. Integers are kept as `Int64` or, above its range, `UInt64`; map keys are strings.
public enum MessagePackValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case string(String)
  case binary([UInt8])
  case array([MessagePackValue])
  case map([String: MessagePackValue])

  /// An unsigned integer, in the form a decoder gives it.
  public static func unsigned(_ value: UInt64) -> Self {
    Int64(exactly: value).map { .int($0) } ?? .uint(value)
  }

  public static func optional<Value>(_ value: Value?, _ wrap: (Value) -> Self) -> Self { value.map(wrap) ?? .null }
}
