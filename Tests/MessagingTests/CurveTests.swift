import Messaging
import Testing

@Suite("CURVE sockets")
struct CurveTests {
  /// A guarded router whose handler admits one key, and what came of each handshake.
  private struct Server {
    let context: MessagingContext
    let pair: CurveKeyPair
    let handler: ZAPHandler
    let router: Socket
    let monitor: HandshakeMonitor
    let endpoint: String

    init() throws {
      context = try MessagingContext()
      pair = try CurveKeyPair.generate()
      handler = try ZAPHandler(context, domain: "test")
      router = try Socket(.router, context)
      try router.serveCurve(pair.secretKey, domain: "test")
      monitor = try HandshakeMonitor(router, context)
      endpoint = try router.bind("tcp://127.0.0.1:*")
    }

    func dealer(_ pair: CurveKeyPair?, server: CurvePublicKey? = nil) throws -> Socket {
      let dealer = try Socket(.dealer, context, lingerMilliseconds: 0)
      if let pair { try dealer.useCurve(pair, server: server ?? self.pair.publicKey) }
      try dealer.connect(endpoint)
      try dealer.send([[1]])
      return dealer
    }

    /// The next message or failed handshake.
    func next(admitting allowed: CurvePublicKey) throws -> (ReceivedMessage?, HandshakeMonitor.Failure?) {
      let deadline = ContinuousClock.now + .seconds(30)
      while ContinuousClock.now < deadline {
        _ = try Poller.wait([.socket(router), handler.source, monitor.source], timeout: .milliseconds(100))
        try handler.answer { $0.key == allowed && $0.address == "127.0.0.1" ? $0.key.rawValue : nil }
        if let message = try router.receiveMessage() { return (message, nil) }
        if let failure = try monitor.next() { return (nil, failure) }
      }
      return (nil, nil)
    }
  }

  @Test("a key that is admitted talks, and its messages say whose they are")
  func admitted() throws {
    let (server, client) = (try Server(), try CurveKeyPair.generate())
    let dealer = try server.dealer(client)
    let (message, _) = try server.next(admitting: client.publicKey)
    #expect(message?.frames.last == [1])
    #expect(message?.userID == client.publicKey.rawValue)
    _ = dealer
  }

  @Test("a key that is not admitted is refused")
  func unknown() throws {
    let (server, client) = (try Server(), try CurveKeyPair.generate())
    let dealer = try server.dealer(client)
    let (message, failure) = try server.next(admitting: server.pair.publicKey)
    #expect(message == nil)
    #expect(failure == .refused)
    _ = dealer
  }

  @Test("a client that takes another server for this one fails")
  func wrongServer() throws {
    let (server, client) = (try Server(), try CurveKeyPair.generate())
    let dealer = try server.dealer(client, server: client.publicKey)
    let (message, failure) = try server.next(admitting: client.publicKey)
    #expect(message == nil)
    #expect(failure == .cryptography)
    _ = dealer
  }

  @Test("a client without CURVE fails")
  func plain() throws {
    let (server, client) = (try Server(), try CurveKeyPair.generate())
    let dealer = try server.dealer(nil)
    let (message, failure) = try server.next(admitting: client.publicKey)
    #expect(message == nil)
    #expect(failure == .mechanism)
    _ = dealer
  }

  @Test("a message of many frames is cut")
  func manyFrames() throws {
    let context = try MessagingContext()
    let (router, dealer) = (try Socket(.router, context), try Socket(.dealer, context))
    try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
    try dealer.send([[UInt8]](repeating: [0], count: 10_000), waiting: true)
    try dealer.send([[7]], waiting: true)
    let first = try #require(try router.receiveMessage(waiting: true))
    #expect(first.frames.count == Socket.maximumFrames + 1)
    #expect(first.userID == nil)
    #expect(try router.receive(waiting: true)?.last == [7])
  }

  @Test("a secret key does not show itself")
  func secret() throws {
    let pair = try CurveKeyPair.generate()
    var dumped = ""
    dump(pair, to: &dumped)
    for text in ["\(pair)", "\(pair.secretKey)", String(reflecting: pair), dumped] {
      #expect(!text.contains(pair.secretKey.z85))
    }
  }

  @Test(
    "keys are 40 characters of Z85",
    arguments: ["", "short", String(repeating: "~", count: 40), String(repeating: "#", count: 40)])
  func malformed(text: String) {
    #expect(CurvePublicKey(rawValue: text) == nil)
    #expect(CurveSecretKey(z85: text) == nil)
  }
}
