import Foundation
import Testing

@Suite("Coordinator, aggregator and worker as commands", .serialized)
struct RoleTests {
  @Test(
    "sockets open to other machines are refused, with what to do instead", arguments: ["coordinator", "aggregator"])
  func wideBind(role: String) throws {
    let more = role == "aggregator" ? ["--coordinator", "tcp://127.0.0.1:1"] : []
    let outcome = try Sonarsweep.start([role, "--bind", "tcp://0.0.0.0:*"] + more).wait()
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("open to other machines"))
    #expect(outcome.errors.contains("ssh tunnel"))
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
