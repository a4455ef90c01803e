import FleetClient
import Foundation
import Testing

@Suite("Which coordinator a client talks to")
struct ClientConfigurationTests {
  private static let home = "/home/ada/.config/sonarsweep/config.yaml"

  private func configuration(
    _ flags: ClientConfiguration.Flags = .init(), _ environment: [String: String] = [:],
    files: [String: ConfigurationSource] = [:]
  ) throws -> ClientConfiguration {
    try ClientConfiguration(flags: flags, environment: environment.merging(["HOME": "/home/ada"]) { $1 }) { files[$0] }
  }

  private func error(_ body: () throws -> ClientConfiguration) -> String {
    do {
      return "no error: \(try body())"
    } catch {
      return "\(error)"
    }
  }

  private func file(_ text: String, mode: mode_t = 0o600) -> ConfigurationSource {
    ConfigurationSource(text: text, mode: mode)
  }

  @Test("a flag comes before the environment, and that before the file")
  func order() throws {
    let files = [Self.home: file("coordinator: http://127.0.0.1:3\n")]
    let environment = ["SONARSWEEP_COORDINATOR": "http://127.0.0.1:2"]
    #expect(
      try configuration(.init(coordinator: "http://127.0.0.1:1/"), environment, files: files).coordinator
        == "http://127.0.0.1:1")
    #expect(try configuration(.init(), environment, files: files).coordinator == "http://127.0.0.1:2")
    #expect(try configuration(.init(), [:], files: files).coordinator == "http://127.0.0.1:3")
  }

  @Test("without any it says the three ways to name one")
  func nothing() {
    let message = error { try configuration() }
    for way in ["--coordinator URL", "SONARSWEEP_COORDINATOR", Self.home] { #expect(message.contains(way)) }
  }

  @Test("the token is the flag's, the environment's, or the file's own or named one")
  func tokens() throws {
    let url = "coordinator: https://fleet.example\n"
    let files = [
      Self.home: file(url + "token_file: token"), "/home/ada/.config/sonarsweep/token": file("from-file\n"),
      "/flag": file(" from-flag \n"),
    ]
    #expect(try configuration(.init(tokenFile: "/flag"), ["SONARSWEEP_TOKEN": "e"], files: files).token == "from-flag")
    #expect(
      try configuration(.init(), ["SONARSWEEP_TOKEN": "from-environment"], files: files).token == "from-environment")
    #expect(try configuration(files: files).token == "from-file")
    #expect(try configuration(files: [Self.home: file(url + "token: own")]).token == "own")
    #expect(try configuration(files: [Self.home: file(url)]).token == nil)
  }

  @Test("a token of the file is told to no other coordinator than the file's")
  func otherCoordinator() throws {
    let files = [Self.home: file("coordinator: https://fleet.example\ntoken: secret")]
    #expect(try configuration(.init(coordinator: "https://other.example"), files: files).token == nil)
    #expect(try configuration(.init(coordinator: "https://fleet.example/"), files: files).token == "secret")
  }

  @Test("a file with a token that others may read is refused, and the mend is named", arguments: [0o640, 0o604, 0o666])
  func openFile(mode: mode_t) {
    let text = "coordinator: https://fleet.example\n"
    #expect(
      error { try configuration(files: [Self.home: file(text + "token: x", mode: mode)]) }
        .contains("chmod 600 \(Self.home)"))
    #expect(
      error {
        try configuration(.init(coordinator: "https://a", tokenFile: "/t"), files: ["/t": file("x", mode: mode)])
      }
      .contains("chmod 600 /t"))
    // Without a token there is nothing to hide.
    #expect(throws: Never.self) { try configuration(files: [Self.home: file(text, mode: mode)]) }
  }

  @Test(
    "a token is not sent unencrypted to another machine", arguments: ["http://fleet.example", "http://10.0.0.1:5780"])
  func plain(url: String) {
    #expect(error { try configuration(.init(coordinator: url), ["SONARSWEEP_TOKEN": "x"]) }.contains("unencrypted"))
    #expect(throws: Never.self) { try configuration(.init(coordinator: url)) }
  }

  @Test(
    "to this machine it is",
    arguments: ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://127.1.2.3"])
  func loopback(url: String) throws {
    #expect(try configuration(.init(coordinator: url), ["SONARSWEEP_TOKEN": "x"]).token == "x")
  }

  @Test(
    "what is no URL of a coordinator is refused",
    arguments: [
      "tcp://127.0.0.1:5700", "127.0.0.1:5780", "ftp://a", "http://", "http://a?x=1", "http://user@a", "http://a#b", "",
    ])
  func urls(url: String) {
    #expect(error { try configuration(.init(coordinator: url)) }.contains("is no coordinator's URL"))
  }

  @Test(
    "mistakes of the file name it",
    arguments: ["coordinators: x", "- a", "coordinator: [a]", "token: a\ntoken_file: b", "a: [", "coordinator:"])
  func badFile(text: String) {
    #expect(error { try configuration(files: [Self.home: file(text)]) }.hasPrefix(Self.home))
  }

  @Test("XDG_CONFIG_HOME moves the file, if it is absolute")
  func xdg() {
    #expect(ClientConfiguration.path(in: ["XDG_CONFIG_HOME": "/x", "HOME": "/h"]) == "/x/sonarsweep/config.yaml")
    #expect(
      ClientConfiguration.path(in: ["XDG_CONFIG_HOME": "x", "HOME": "/h"]) == "/h/.config/sonarsweep/config.yaml")
    #expect(ClientConfiguration.path(in: [:]) == nil)
  }

  @Test("a token is one word", arguments: ["", " \n", "a b", "a\nb", "ä"])
  func badToken(text: String) {
    #expect(
      error { try configuration(.init(coordinator: "https://a", tokenFile: "/t"), files: ["/t": file(text)]) }
        .contains("/t holds no token"))
  }
}
