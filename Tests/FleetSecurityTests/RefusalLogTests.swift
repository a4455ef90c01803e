import FleetProtocol
import FleetSecurity
import Testing

@Suite("The log of refusals")
struct RefusalLogTests {
  @Test("the first refusal of a kind is told at once, the rest as a count now and then")
  func limited() {
    var log = RefusalLog()
    let start = MonotonicClock().now
    #expect(log.lines(at: start).isEmpty)
    log.add(.plain)
    #expect(log.lines(at: start) == ["refused a client without CURVE (1 so far)"])
    for _ in 0..<1_000_000 { log.add(.plain) }
    log.add(.role, "'x'")
    #expect(
      log.lines(at: start + .seconds(9)) == ["refused a message that the key's role does not allow: 'x' (1 so far)"])
    #expect(log.lines(at: start + .seconds(10)) == ["refused a client without CURVE (1000001 so far)"])
    #expect(log.lines(at: start + .seconds(60)).isEmpty)
    #expect(log.count(of: .plain) == 1_000_001)
  }
}
