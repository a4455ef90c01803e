import Foundation
import SonarModel
import SweepSpec
import Testing

@Suite("A file that is no job at all is refused, with the line")
struct BadYAMLTests {
  @Test("not a mapping, or not YAML", arguments: texts)
  func text(_ bad: BadJob) throws { try bad.check() }

  @Test("a number in base 60 that overflows is a mistake like another")
  func base60() async {
    await #expect(processExitsWith: .success) {
      let bad = BadJob.position(
        "base 60", line: 7, reads: "  length: 1\(String(repeating: ":59", count: 20))", key: "sweep.length",
        says: "a whole number from 1 to 512 is needed")
      try bad.check()
    }
  }

  @Test("a job file must be UTF-8")
  func encoding() throws {
    let directory = try JobDirectory(Data("name: ".utf8) + [0xe9, 0x0a])
    let error = try #require(throws: JobError.self) { try directory.load() }
    #expect(error.description.contains("job.yaml"))
    #expect(error.description.contains("UTF-8"))
  }

  @Test("a job file that does not exist is called that")
  func missing() throws {
    let directory = try JobDirectory(BadJob.nullJob)
    let error = try #require(throws: JobError.self) { try directory.load("other.yaml") }
    #expect(error.description.contains("other.yaml"))
    #expect(error.description.contains("no such file"))
  }

  @Test("a model named on the command line that does not exist is no mistake of the file")
  func override() throws {
    let directory = try JobDirectory(BadJob.positionJob)
    let error = try #require(throws: ModelError.self) { try directory.load(model: "sonar-maxi") }
    #expect(error.description.contains("no model 'sonar-maxi'; there are: sonar-mini"))
  }

  static let texts: [BadJob] = [
    BadJob("empty", "", at: 0, says: "the file is empty", "name and sweep"),
    BadJob("only a comment", "# to do\n\n", at: 0, says: "the file is empty"),
    BadJob("a word", "hello\n", at: 1, says: "'hello' was found", "a mapping (key: value) is needed"),
    BadJob("a list", "- name: a\n", at: 1, says: "a list was found", "a mapping"),
    BadJob("tab for indentation", "name: a\nsweep:\n\tkind: position\n", at: 3, says: "not valid YAML"),
    BadJob(
      "unfit indentation", "name: a\nsweep:\n  kind: position\n length: 5\n", at: 4, says: "not valid YAML"),
    BadJob("colon too many", "name: a\nsweep: b: c\n", at: 2, says: "not valid YAML"),
    BadJob("open bracket", "name: a\nx: [b, c\ny: 3\n", at: 3, says: "not valid YAML", "flow sequence", "line 2"),
    BadJob("open quote", "name: a\nx: 'b\ny: c\n", at: 4, says: "not valid YAML", "quoted scalar", "line 2"),
    BadJob("control character", "name: a\nx: \u{1}\n", at: 2, says: "not valid YAML", "control characters"),
    BadJob("control character below other letters", "# ñññññ\nx: \u{1}\n", at: 2, says: "control characters"),
    BadJob("alias of nothing", "name: a\nx: *y\n", at: 2, says: "not valid YAML", "undefined alias"),
    BadJob("two documents", "name: a\n---\nname: b\n", at: 2, says: "not valid YAML", "single document"),
    BadJob("nesting without end", "name: \(String(repeating: "[", count: 100_000))\n", at: 1, says: "not valid YAML"),
    .position("key twice", line: 10, reads: "name: b", at: 1, key: "", says: "the key 'name' stands there twice"),
    .position(
      "key of a sweep twice", line: 7, reads: "  length: 5\n  length: 6", key: "", says: "'length' stands there twice"),
  ]
}
