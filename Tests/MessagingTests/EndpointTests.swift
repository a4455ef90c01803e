import Messaging
import Testing

@Suite("How far an endpoint reaches")
struct EndpointTests {
  @Test(
    "only loopback and ipc stay on the machine",
    arguments: [
      "ipc:///tmp/x", "ipc://x", "tcp://127.0.0.1:*", "tcp://127.255.255.254:0", "tcp://127.1:65535", "tcp://0x7f.1:1",
      "tcp://2130706433:1", "tcp://[127.0.0.1]:1", "tcp://[::1]:1", "tcp://[::ffff:127.0.0.1]:1", "tcp://localhost:1",
    ])
  func machine(text: String) { #expect(Endpoint(text)?.reach == .machine) }

  @Test(
    "names, whatever they look like, and other addresses do not",
    arguments: [
      "tcp://127.evil.example:1", "tcp://127.0.0.1.evil.example:1", "tcp://localhost.evil.example:1", "tcp://lo:1",
      "tcp://10.127.0.1:1", "tcp://128.0.0.1:1", "tcp://1270.0.0.1:1", "tcp://[::2]:1", "tcp://[::ffff:10.0.0.1]:1",
      "tcp://[fe80::1]:1", "tcp://[::127.0.0.1]:1", "tcp://head:5700",
    ])
  func network(text: String) { #expect(Endpoint(text)?.reach == .network) }

  @Test(
    "every address, however it is written",
    arguments: [
      "tcp://*:1", "tcp://0.0.0.0:*", "tcp://0:1", "tcp://[::]:1", "tcp://[0.0.0.0]:1", "tcp://[::ffff:0.0.0.0]:1",
    ])
  func everywhere(text: String) { #expect(Endpoint(text)?.reach == .everywhere) }

  @Test(
    "what is no endpoint",
    arguments: [
      "", "tcp://", "ipc://", "tcp://127.0.0.1", "tcp://:1", "tcp://127.0.0.1:", "tcp://127.0.0.1:65536",
      "tcp://127.0.0.1:-1", "tcp://127.0.0.1:+1", "tcp://127.0.0.1:1@evil.example", "tcp://127.0.0.1:1/x",
      "tcp://127.0.0.1;evil.example:1", "tcp://127.0.0.1 :1", "tcp://evil/127.0.0.1:1", "inproc://x", "127.0.0.1:1",
      "TCP://127.0.0.1:1", "tcp://127.0.0.1:١",
    ])
  func none(text: String) { #expect(Endpoint(text) == nil) }

  @Test("host and port are told apart")
  func parts() {
    let endpoint = Endpoint("tcp://[::1]:5700")
    #expect(endpoint?.host == "[::1]")
    #expect(endpoint?.port == "5700")
  }
}
