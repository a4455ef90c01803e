import Foundation
import Testing

@Suite("Coordinator, aggregator and worker as commands", .serialized)
struct RoleTests {
  @Test(
    "sockets open to other machines are refused, with what to do instead", arguments: ["coordinator", "aggregator"])
  func wideBind(role: String) throws {
    let more = role == "aggregator" ? ["--coordinator", "tcp://127.0.0.1:1"] : []
    for endpoint in [
      "tcp://0.0.0.0:*", "tcp://*:5700", "tcp://0:*", "tcp://127.evil.example:1", "tcp://eth0:*", "tcp://[::]:*",
    ] {
      let outcome = try Sonarsweep.start([role, "--bind", endpoint] + more).wait(atMost: 10)
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("open to other machines"))
      #expect(outcome.errors.contains("sonarsweep keys init"))
      #expect(outcome.errors.contains("ssh tunnel"))
    }
  }

  @Test("an aggregator on every address must say which one workers reach")
  func advertise() throws {
    func aggregator(_ more: String...) throws -> String {
      try Sonarsweep.start(["aggregator", "--coordinator", "tcp://127.0.0.1:1", "--keys", "/nonexistent"] + more).wait()
        .errors
    }
    #expect(try aggregator("--bind", "tcp://*:5701").contains("add --advertise tcp://HOST:5701"))
    #expect(try aggregator("--bind", "tcp://*:5701", "--advertise", "tcp://0.0.0.0:5701").contains("cannot connect"))
    // What is missing then is the keys.
    #expect(try aggregator("--bind", "tcp://*:5701", "--advertise", "tcp://head:*").contains("keys init /nonexistent"))
  }

  @Test("nothing is said to another machine without a key", arguments: ["worker", "aggregator"])
  func connect(role: String) throws {
    let outcome = try Sonarsweep.start([role, "--coordinator", "tcp://192.0.2.1:5700"]).wait()
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("is on another machine"))
    #expect(outcome.errors.contains(role == "worker" ? "add --key FILE" : "add --keys DIR"))
  }

  @Test("a coordinator says where it listens and stops at SIGTERM")
  func coordinator() throws {
    let coordinator = try Sonarsweep.start(["coordinator"])
    try Sonarsweep.wait("the endpoint") { coordinator.output.contains("listens on tcp://127.0.0.1:") }
    coordinator.send(SIGTERM)
    #expect(coordinator.wait().status == 0)
  }

  @Test("a model that is not there is an error that names what is")
  func unknownModel() throws {
    let outcome = try Sonarsweep.run("encode", "--model", "nope", "--input", "-")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("no model 'nope'; there are: sonar-mini"))
  }
}
