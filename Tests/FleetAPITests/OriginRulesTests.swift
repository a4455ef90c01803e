import FleetAPI
import Testing

struct OriginRulesTests {
  @Test(
    "names of this machine are answered",
    arguments: ["localhost", "localhost:5780", "127.0.0.1:5780", "127.1.2.3", "[::1]:5780", "LOCALHOST:1"])
  func admitsLoopback(authority: String) throws {
    try OriginRules.check(authority: authority, origin: nil, site: nil)
  }

  @Test(
    "names of elsewhere, which a page may make stand for this machine, are not",
    arguments: [
      "", "evil.example", "evil.example:5780", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1",
      "localhost:99999", "[::1", "127.0.0.1:x",
    ])
  func refusesOthers(authority: String) {
    #expect(throws: Problem.self) { try OriginRules.check(authority: authority, origin: nil, site: nil) }
  }

  @Test("a page of this server may ask, a page of another may not")
  func checksOrigin() throws {
    try OriginRules.check(authority: "localhost:5780", origin: "http://localhost:5780", site: "same-origin")
    for origin in ["http://evil.example", "http://localhost:1", "null", "http://localhost:5780/x", "file://"] {
      #expect(throws: Problem.self) { try OriginRules.check(authority: "localhost:5780", origin: origin, site: nil) }
    }
    for site in ["cross-site", "same-site"] {
      #expect(throws: Problem.self) { try OriginRules.check(authority: "localhost:5780", origin: nil, site: site) }
    }
  }
}
