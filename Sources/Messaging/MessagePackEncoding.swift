import CMsgPack

extension MessagePackValue {
  /// The value as MessagePack bytes.
  public func encoded() -> [UInt8] {
    var buffer = msgpack_sbuffer()
    msgpack_sbuffer_init(&buffer)
    defer { msgpack_sbuffer_destroy(&buffer) }
    withUnsafeMutablePointer(to: &buffer) { buffer in
      var packer = msgpack_packer()
      msgpack_packer_init(&packer, buffer, msgpack_sbuffer_write)
      pack(into: &packer)
    }
    return Array(UnsafeRawBufferPointer(start: buffer.data, count: buffer.size))
  }

  private func pack(into packer: inout msgpack_packer) {
    switch self {
    case .null: msgpack_pack_nil(&packer)
    case .bool(let value): _ = value ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer)
    case .int(let value): msgpack_pack_int64(&packer, value)
    case .uint(let value): msgpack_pack_uint64(&packer, value)
    case .double(let value): msgpack_pack_double(&packer, value)
    case .string(var value):
      value.withUTF8 { bytes in
        msgpack_pack_str(&packer, bytes.count)
        msgpack_pack_str_body(&packer, bytes.baseAddress, bytes.count)
      }
    case .binary(let bytes):
      msgpack_pack_bin(&packer, bytes.count)
      msgpack_pack_bin_body(&packer, bytes, bytes.count)
    case .array(let values):
      msgpack_pack_array(&packer, values.count)
      for value in values { value.pack(into: &packer) }
    case .map(let pairs):
      msgpack_pack_map(&packer, pairs.count)
      // Sorted, so that equal values have equal bytes.
      for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
        MessagePackValue.string(key).pack(into: &packer)
        value.pack(into: &packer)
      }
    }
  }
}
