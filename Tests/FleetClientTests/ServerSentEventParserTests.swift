import FleetClient
import Testing

@Suite("A stream of server-sent events")
struct ServerSentEventParserTests {
  private func events(_ text: String, pieces: Int = .max) throws -> [ServerSentEvent] {
    var parser = ServerSentEventParser()
    var events: [ServerSentEvent] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      events += try parser.feed(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
    }
    return events
  }

  @Test("an event has a name and lines of data, and ends with an empty line", arguments: [1, 2, 3, 7, .max])
  func pieces(size: Int) throws {
    let text = "event: job\ndata: {\"a\":\ndata: 1}\n\n: still here\n\ndata:äß\n\nevent: lost\ndata: unfinished\n"
    #expect(
      try events(text, pieces: size) == [
        ServerSentEvent(name: "job", data: "{\"a\":\n1}"), ServerSentEvent(data: "äß"),
      ])
  }

  @Test("lines end with LF, CR or both", arguments: ["\n", "\r", "\r\n"])
  func lineEnds(end: String) throws {
    let text = ["event: a", "data: 1", "", "data: 2", "", ""].joined(separator: end)
    #expect(try events(text, pieces: 1) == [ServerSentEvent(name: "a", data: "1"), ServerSentEvent(data: "2")])
  }

  @Test("a byte order mark, ids, retry times, unknown fields and events without data are passed over")
  func ignored() throws {
    #expect(
      try events("\u{FEFF}id: 7\nretry: 10\nfoo: bar\nevent: x\n\ndata\n\n") == [ServerSentEvent(data: "")])
  }

  @Test("an event larger than the limit is an error, not more memory")
  func overflow() throws {
    var parser = ServerSentEventParser(limit: 10)
    #expect(throws: ServerSentEventParser.Overflow.self) { try parser.feed(Array("data: 12345678".utf8)) }
    parser = ServerSentEventParser(limit: 10)
    #expect(throws: ServerSentEventParser.Overflow.self) { try parser.feed(Array("data: 1\ndata: 2\ndata: 3\n".utf8)) }
  }
}
