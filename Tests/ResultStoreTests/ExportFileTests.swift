import Foundation
import ResultStore
import Testing

@Suite("Exported files")
struct ExportFileTests {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString)")
  private var file: String { directory.appending(path: "out.bin").path }

  init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

  @Test("a file appears when it is finished, with all that was written")
  func finished() throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let export = try ExportFile(file)
    let part = Data((0..<700_000).map { UInt8($0 % 251) })
    for _ in 0..<3 { try export.write(part) }
    #expect(!FileManager.default.fileExists(atPath: file))
    try export.finish()
    #expect(try Data(contentsOf: URL(filePath: file)) == part + part + part)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["out.bin"])
  }

  @Test("a file that is given up leaves what was there before, and nothing else")
  func givenUp() throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    try Data("before".utf8).write(to: URL(filePath: file))
    var export: ExportFile? = try ExportFile(file)
    try export?.write("new")
    export = nil
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "before")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["out.bin"])
  }
}
