/// Reads a `text/event-stream` piece by piece, as the HTML standard says (9.2.6). Ids and retry times, which the API does
/// not send, are passed over.
public struct ServerSentEventParser {
  /// The stream holds more than this without an event's end: no stream of events.
  public struct Overflow: Error {}

  private let limit: Int
  private var line: [UInt8] = []
  private var name = ""
  private var data: [String] = []
  private var dataBytes = 0
  private var followsCarriageReturn = false
  private var isAtStart = true

  /// - Parameter limit: the most bytes of an event.
  public init(limit: Int = 64 << 20) { self.limit = limit }

  /// The events that end within `bytes`.
  ///
  /// - Throws: `Overflow`.
  public mutating func feed(_ bytes: some Sequence<UInt8>) throws -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    for byte in bytes {
      // A line ends with LF, CR or both.
      let isSecondHalf = followsCarriageReturn && byte == UInt8(ascii: "\n")
      followsCarriageReturn = byte == UInt8(ascii: "\r")
      if isSecondHalf { continue }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        if let event = endLine() { events.append(event) }
      } else {
        line.append(byte)
        if line.count + dataBytes > limit { throw Overflow() }
      }
    }
    return events
  }

  private mutating func endLine() -> ServerSentEvent? {
    defer { line.removeAll(keepingCapacity: true) }
    if isAtStart, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    isAtStart = false
    guard !line.isEmpty else { return endEvent() }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[colon...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    switch String(decoding: line[..<colon], as: UTF8.self) {
    case "event": name = String(decoding: value, as: UTF8.self)
    case "data":
      data.append(String(decoding: value, as: UTF8.self))
      dataBytes += value.count + 1
    default: break
    }
    return nil
  }

  private mutating func endEvent() -> ServerSentEvent? {
    defer { (name, data, dataBytes) = ("", [], 0) }
    guard !data.isEmpty else { return nil }
    return ServerSentEvent(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
  }
}
