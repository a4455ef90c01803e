/// Little-endian numbers and texts from bytes, one after the other. Reading past the end throws `End`.
struct ByteCursor {
  struct End: Error {}

  let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  var remaining: Int { bytes.count - position }

  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw End() }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func byte() throws -> UInt8 {
    guard remaining > 0 else { throw End() }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func number<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) throws -> Value {
    try take(Value.bitWidth / 8).reversed().reduce(0) { $0 << 8 | Value($1) }
  }

  /// A number as `Int`; one that does not fit throws `End`, as no length or offset in a file can be so large.
  mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(_ type: Value.Type) throws -> Int {
    guard let value = Int(exactly: try number(type)) else { throw End() }
    return value
  }

  /// The bytes before the next line feed, which is skipped.
  mutating func line(atMost limit: Int) throws -> ArraySlice<UInt8> {
    guard let end = bytes[position...].prefix(limit + 1).firstIndex(of: 0x0A) else { throw End() }
    defer { position = end + 1 }
    return bytes[position..<end]
  }
}
