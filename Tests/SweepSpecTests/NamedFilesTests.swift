import Foundation
import SweepSpec
import Testing

@Suite("The files a job names")
struct NamedFilesTests {
  private func named(_ text: String, files: [String] = []) throws -> NamedFiles {
    let directory = FileManager.default.temporaryDirectory.appending(path: "named-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory.appending(path: "d"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for file in files { try Data(file.utf8).write(to: directory.appending(path: file)) }
    return NamedFiles(in: text, of: directory.appending(path: "job.yaml"))
  }

  @Test("are found wherever they stand, once each")
  func found() throws {
    let text = """
      name: a
      vectors:
        file: {file: v.npy}
        table: {file: {path: d/t.npy, rows: [a]}}
        again: {file: v.npy}
      sweep: {kind: corpus, file: c.tsv, fillers: [{file: w.tsv, column: a}]}
      """
    let files = ["v.npy", "d/t.npy", "c.tsv", "w.tsv"]
    let named = try named(text, files: files)
    #expect(Set(named.contents.keys) == Set(files))
    #expect(named.contents["d/t.npy"] == Data("d/t.npy".utf8))
    #expect(named.unreadable.isEmpty)
  }

  @Test("that are missing or lead out of the directory are named with their line, as 'run' does")
  func missing() throws {
    let named = try named(
      "name: a\nsweep:\n  kind: corpus\n  file: c.tsv\n  more: {file: ../x}\n  abs: {file: /etc/passwd}")
    #expect(named.contents.isEmpty)
    let lines = Dictionary(uniqueKeysWithValues: named.unreadable.map { ($0.line, $0) })
    #expect(lines[4]?.key == "sweep.file" && lines[4]?.message.contains("there is no such file") == true)
    #expect(lines[6]?.message.contains("leads out of the job's directory") == true)
  }

  @Test("are none in what is no YAML, and aliases within aliases do not take for ever")
  func hostile() throws {
    #expect(try named("a: [").contents.isEmpty)
    let layers = (1...12).map { i in
      "l\(i): &l\(i) [\(Array(repeating: "*l\(i - 1)", count: 9).joined(separator: ","))]"
    }
    _ = try named("l0: &l0 [x]\n" + layers.joined(separator: "\n"))
  }
}
