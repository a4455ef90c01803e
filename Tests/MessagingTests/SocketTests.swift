import Messaging
import Testing

@Suite("Sockets")
struct SocketTests {
  @Test("a dealer and a router talk over loopback, and the router learns the dealer's routing id")
  func dealerAndRouter() throws {
    let context = try MessagingContext()
    let router = try Socket(.router, context)
    let endpoint = try router.bind("tcp://127.0.0.1:*")
    #expect(endpoint.hasPrefix("tcp://127.0.0.1:") && !endpoint.hasSuffix("*"))
    let dealer = try Socket(.dealer, context)
    try dealer.connect(endpoint)
    #expect(try dealer.send([[1, 2, 3]]) == .sent)
    let received = try #require(try wait(for: router))
    #expect(received.count == 2)
    #expect(received[1] == [1, 2, 3])
    #expect(try router.send([received[0], [], [9]]) == .sent)
    #expect(try wait(for: dealer) == [[], [9]])
  }

  @Test("sending to a peer that is not there is reported, not waited for")
  func unreachable() throws {
    let router = try Socket(.router, MessagingContext())
    try router.bind("tcp://127.0.0.1:*")
    #expect(try router.send([[1, 2, 3, 4, 5], [1]]) == .unreachable)
  }

  @Test("a full queue is reported, not waited for")
  func full() throws {
    let context = try MessagingContext()
    let (a, b) = (try Socket(.pair, context, sendLimit: 2), try Socket(.pair, context, receiveLimit: 1))
    try a.bind("inproc://full")
    try b.connect("inproc://full")
    var sent = 0
    while try a.send([[0]]) == .sent { sent += 1 }
    #expect(sent == 3)
  }

  @Test("a wait without messages ends with nothing")
  func empty() throws {
    let router = try Socket(.router, MessagingContext())
    #expect(try Poller.wait([.socket(router)], timeout: .zero) == [false])
    #expect(try router.receive() == nil)
  }

  @Test("an endpoint that cannot be bound is an error that names it")
  func badEndpoint() throws {
    let router = try Socket(.router, MessagingContext())
    #expect(throws: MessagingError.self) { try router.bind("nonsense://x") }
  }

  private func wait(for socket: Socket) throws -> [[UInt8]]? {
    _ = try Poller.wait([.socket(socket)], timeout: .seconds(10))
    return try socket.receive()
  }
}
