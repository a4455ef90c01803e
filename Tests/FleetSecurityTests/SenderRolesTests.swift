import FleetProtocol
import FleetSecurity
import Messaging
import Testing

@Suite("Who may send what")
struct SenderRolesTests {
  private static func hello(_ role: Hello.Role) -> FleetMessage {
    .hello(Hello(role: role, instance: InstanceID(rawValue: "x"), name: "x"))
  }

  @Test("a hello is for the role it names, alone", arguments: [Hello.Role.worker, .client, .aggregator])
  func hello(role: Hello.Role) { #expect(Self.hello(role).senders == [role]) }

  @Test("what servers say themselves, nobody may send them")
  func servers() {
    for message in [FleetMessage.identify, .refused(reason: ""), .revoke(LeaseID(rawValue: 1))] {
      #expect(message.senders.isEmpty)
    }
  }

  @Test("a client's questions are answered 'rejected', others 'refused'")
  func answers() {
    #expect(Self.hello(.client).refusal("no") == .refused(reason: "no"))
    #expect(FleetMessage.goodbye.refusal("no") == .refused(reason: "no"))
  }
}
