import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("A spec that came over the wire is checked again")
struct HostileSpecTests {
  @Test(
    "values no job file could have given are refused",
    arguments: [
      ("\"name\":\"good\"", "\"name\":\"../good\""), ("\"version\":1", "\"version\":2"),
      ("\"kind\":\"position\"", "\"kind\":\"positron\""), ("\"dim\":256", "\"dim\":0"),
      ("\"dim\":256", "\"dim\":1000000000"), ("\"lengths\":[5]", "\"lengths\":[]"),
      ("\"lengths\":[5]", "\"lengths\":[0]"), ("\"lengths\":[5]", "\"lengths\":[9223372036854775807]"),
      ("[\"_\"]", "[]"), ("\"from\":4", "\"from\":7"),
      ("\"beam\":5", "\"beam\":0"), ("\"beam\":5", "\"beam\":1000000000"), ("\"max_tokens\":128", "\"max_tokens\":0"),
    ])
  func refused(_ good: String, _ bad: String) throws {
    let spec = try Self.spec(good, bad)
    #expect(throws: SweepError.self) { try Job(canonicalSpec: spec, assets: Assets()) }
  }

  @Test(
    "sampling no job file could have asked for is refused",
    arguments: [
      "\"seed\":1,\"temperature\":0", "\"seed\":1,\"temperature\":-1", "\"seed\":1,\"temperature\":1e300",
      "\"seed\":-1,\"temperature\":1", "\"seed\":18446744073709551615,\"temperature\":1",
      "\"seed\":1,\"temperature\":1,\"top_k\":0", "\"seed\":1,\"temperature\":1,\"top_p\":0",
      "\"seed\":1,\"temperature\":1,\"top_p\":1.5", "\"seed\":1,\"temperature\":1,\"top_k\":-9223372036854775808",
    ])
  func sampling(_ bad: String) throws {
    let spec = try Self.spec("{\"beam\":5}", "{\"sample\":{\(bad)}}")
    #expect(throws: SweepError.self) { try Job(canonicalSpec: spec, assets: Assets()) }
  }

  @Test(
    "ids no token can have are refused, and crash nothing",
    arguments: [
      ("\"from\":4", "\"from\":-5"), ("\"to\":6", "\"to\":1099511627776"), ("\"to\":6", "\"to\":9223372036854775807"),
      ("\"from\":4,\"to\":6", "\"from\":-9223372036854775808,\"to\":9223372036854775807"),
    ])
  func ids(_ good: String, _ bad: String) async {
    await #expect(processExitsWith: .success) { [good, bad] in
      let spec = try Self.spec(good, bad)
      #expect(throws: SweepError.self) {
        let sweep = try Job(canonicalSpec: spec, assets: Assets()).sweep
        _ = sweep.probe(of: 0)
        _ = sweep.probe(of: sweep.unitCount - 1)
      }
    }
  }

  @Test("a kind that sets its own dimension must agree with the spec's")
  func dimension() throws {
    let spec = String(decoding: try JobDirectory(BadJob.nullJob).load().canonicalSpec, as: UTF8.self)
    for (good, bad) in [
      ("\"dim\":1024,\"fingerprint\"", "\"dim\":8,\"fingerprint\""), ("\"dim\":1024,\"units\"", "\"dim\":8,\"units\""),
      ("\"dim\":1024,\"units\"", "\"dim\":0,\"units\""),
    ] {
      let other = Data(spec.replacing(good, with: bad).utf8)
      #expect(throws: SweepError.self, "\(bad)") { try Job(canonicalSpec: other, assets: Assets()) }
    }
  }

  /// A good spec with one part replaced.
  private static func spec(_ good: String, _ bad: String) throws -> Data {
    let yaml = BadJob.positionJob.replacing("[dog, cat]", with: "{ids: {from: 4, to: 6}}") + "  method: beam\n"
    let spec = String(decoding: try JobDirectory(yaml).load().canonicalSpec, as: UTF8.self)
    try #require(spec.contains(good))
    return Data(spec.replacing(good, with: bad).utf8)
  }
}
