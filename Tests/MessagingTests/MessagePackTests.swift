import Messaging
import Testing

@Suite("MessagePack")
struct MessagePackTests {
  static let values: [MessagePackValue] = [
    .null, .bool(true), .bool(false), .int(0), .int(-1), .int(.min), .int(.max), .uint(.max), .double(0.1),
    .double(-.infinity), .string(""), .string("señor ▁"), .binary([]), .binary([0, 255]),
    .binary(.init(repeating: 7, count: 70_000)), .array([]), .array([.int(1), .array([.null])]), .map([:]),
    .map(["a": .int(1), "b": .map(["c": .string("d")])]),
  ]

  @Test("every value comes back as it was", arguments: values)
  func roundTrip(value: MessagePackValue) throws {
    #expect(try MessagePackValue(decoding: value.encoded()) == value)
  }

  @Test("bytes are as the specification has them")
  func bytes() {
    let value = MessagePackValue.map(["v": .int(1), "type": .string("hi"), "e": .binary([1])])
    // fixmap of 3; keys in order; fixstr, bin 8, fixint.
    #expect(
      value.encoded() == [0x83, 0xa1, 0x65, 0xc4, 1, 1, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa2, 0x68, 0x69, 0xa1, 0x76, 1])
  }

  @Test(
    "bytes that are not one value within the limits are refused",
    arguments: [
      [], [0xc1], [0x92, 1], [1, 2], [0xd9, 5, 65], [0xdd, 0xff, 0xff, 0xff, 0xff], [0xdf, 0x7f, 0xff, 0xff, 0xff],
      [0xc6, 0xff, 0xff, 0xff, 0xff, 0], [0x81, 1, 1], [0x82, 0xa1, 65, 1, 0xa1, 65, 2], [0xa1, 0xff], [0xd4, 1, 1],
      [0xc7, 1, 1, 1],
    ] as [[UInt8]])
  func malformed(bytes: [UInt8]) {
    #expect(throws: MessagingError.self) { try MessagePackValue(decoding: bytes) }
  }

  @Test("nesting beyond the limit is refused, however deep")
  func depth() throws {
    _ = try MessagePackValue(decoding: .init(repeating: 0x91, count: 15) + [0xc0])
    for depth in [16, 17, 1000, 1_000_000] {
      #expect(throws: MessagingError.self) {
        try MessagePackValue(decoding: .init(repeating: 0x91, count: depth) + [0xc0])
      }
    }
  }

  @Test("more values than the limit are refused")
  func count() {
    let many = MessagePackValue.array(.init(repeating: .null, count: 1001)).encoded()
    #expect(throws: MessagingError.self) { try MessagePackValue(decoding: many, limits: .init(values: 1001)) }
    #expect(throws: Never.self) { try MessagePackValue(decoding: many, limits: .init(values: 1002)) }
  }
}
