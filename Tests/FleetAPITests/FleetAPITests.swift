import Coordinator
import FleetAPI
import Foundation
import Testing
import Yams

struct HTTPAddressTests {
  @Test("HOST:PORT, with * for any free port or every address")
  func parses() throws {
    #expect(HTTPAddress("127.0.0.1:5780") == HTTPAddress(host: "127.0.0.1", port: 5780))
    #expect(HTTPAddress("localhost:*")?.port == 0)
    #expect(HTTPAddress("*:1")?.isLoopback == false)
    #expect(HTTPAddress("[::1]:1")?.isLoopback == true)
    for text in ["", "5780", ":5780", "host:", "host:70000", "host:-1", "host:+1", "http://host:1", "::1:5"] {
      #expect(HTTPAddress(text) == nil, "\(text)")
    }
  }
}

struct TokenFileTests {
  @Test("a token is known by its hash, in a file that others may not read, until it is revoked")
  func addsAndRevokes() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = TokenFile(directory.appending(path: "tokens").path)
    let token = try file.add("alice", role: .submit)
    let text = try String(contentsOfFile: file.path, encoding: .utf8)
    #expect(!text.contains(token) && token.count > 50)
    #expect(try file.entries().map(\.hash) == [TokenFile.hash(of: token)])
    #expect(throws: (any Error).self) { try file.add("alice", role: .read) }
    #expect(throws: (any Error).self) { try file.add("../x", role: .read) }
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
    #expect(throws: (any Error).self) { try file.entries() }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    try file.revoke("alice")
    #expect(try file.entries().isEmpty)
    #expect(throws: (any Error).self) { try file.revoke("alice") }
  }

  @Test("each role allows what those before it do")
  func ranks() { #expect(TokenRole.read < .submit && .submit < .admin) }
}
