import CMsgPack

extension MessagePackValue {
  /// Decodes exactly one value that fills `bytes`. Any bytes are safe: sizes, depths and counts are checked before
  /// anything is allocated for them.
  public init(decoding bytes: [UInt8], limits: MessagePackLimits = .init()) throws {
    try limits.check(bytes)
    // Decoded strings and binaries point into the bytes, so all of it happens while they are held.
    self = try bytes.withUnsafeBytes { raw in
      var result = msgpack_unpacked()
      msgpack_unpacked_init(&result)
      defer { msgpack_unpacked_destroy(&result) }
      var offset = 0
      let start = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      guard msgpack_unpack_next(&result, start, raw.count, &offset) == MSGPACK_UNPACK_SUCCESS, offset == raw.count
      else {
        throw MessagingError(.malformed, "not a MessagePack value")
      }
      return try MessagePackValue(result.data)
    }
  }

  private init(_ object: msgpack_object) throws {
    switch object.type {
    case MSGPACK_OBJECT_NIL: self = .null
    case MSGPACK_OBJECT_BOOLEAN: self = .bool(object.via.boolean)
    case MSGPACK_OBJECT_POSITIVE_INTEGER: self = .unsigned(object.via.u64)
    case MSGPACK_OBJECT_NEGATIVE_INTEGER: self = .int(object.via.i64)
    case MSGPACK_OBJECT_FLOAT32, MSGPACK_OBJECT_FLOAT64: self = .double(object.via.f64)
    case MSGPACK_OBJECT_STR:
      self = .string(try Self.string(object))
    case MSGPACK_OBJECT_BIN:
      self = .binary(Array(UnsafeRawBufferPointer(start: object.via.bin.ptr, count: Int(object.via.bin.size))))
    case MSGPACK_OBJECT_ARRAY:
      let items = UnsafeBufferPointer(start: object.via.array.ptr, count: Int(object.via.array.size))
      self = .array(try items.map { try MessagePackValue($0) })
    case MSGPACK_OBJECT_MAP:
      let pairs = UnsafeBufferPointer(start: object.via.map.ptr, count: Int(object.via.map.size))
      var map: [String: MessagePackValue] = [:]
      map.reserveCapacity(pairs.count)
      for pair in pairs {
        guard pair.key.type == MSGPACK_OBJECT_STR else {
          throw MessagingError(.malformed, "a map has a key that is not a string")
        }
        guard map.updateValue(try MessagePackValue(pair.val), forKey: try Self.string(pair.key)) == nil else {
          throw MessagingError(.malformed, "a map has a key twice")
        }
      }
      self = .map(map)
    default: throw MessagingError(.malformed, "extension types are not used")
    }
  }

  private static func string(_ object: msgpack_object) throws -> String {
    let bytes = UnsafeRawBufferPointer(start: object.via.str.ptr, count: Int(object.via.str.size))
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw MessagingError(.malformed, "a string is not UTF-8")
    }
    return string
  }
}
