import Foundation
import SonarModel
import Testing

@Suite("Models are found by name, and removed only where they were imported")
struct ModelLibraryTests {
  private let temporary: TemporaryDirectory

  init() throws { temporary = try TemporaryDirectory() }

  @Test(
    "a relative or empty XDG_DATA_HOME is ignored, as the XDG specification asks",
    arguments: [
      ("/data", "/data/sonarsweep/models"), ("data", "/home/me/.local/share/sonarsweep/models"),
      ("", "/home/me/.local/share/sonarsweep/models"),
    ])
  func dataHome(value: String, expected: String) {
    #expect(library(["XDG_DATA_HOME": value, "HOME": "/home/me"]).userDirectory?.path == expected)
  }

  @Test("without a home there is no user directory")
  func homeless() { #expect(library(["XDG_DATA_HOME": "data", "HOME": ""]).userDirectory == nil) }

  @Test("a model that is being written is not listed")
  func hidden() throws {
    let model = try ReferenceFixture.small.modelImport().write(into: temporary.url)
    let library = library(["SONARSWEEP_MODELS": temporary.url.path])
    #expect(library.models().map(\.name) == ["model"])
    try FileManager.default.moveItem(at: model.url, to: temporary.url.appending(path: ".sonarsweep-model.1"))
    #expect(library.models().isEmpty)
  }

  @Test("an imported model is removed; an embedded one, one elsewhere, a link and one with other files are not")
  func removing() throws {
    let models = temporary.url.appending(path: "lib/models")
    let other = temporary.url.appending(path: "other")
    let library = ModelLibrary(
      extra: [models.path], environment: [:], executable: temporary.url.appending(path: "program/bin"))
    let model = try ReferenceFixture.small.modelImport().write(into: models)
    let elsewhere = try ReferenceFixture.small.modelImport().write(into: other)
    let embedded = try ReferenceFixture.small.modelImport().write(into: temporary.url.appending(path: "models"))
    #expect(refusal { try library.remove(embedded) }?.contains("came with the program") == true)
    #expect(refusal { try library.remove(elsewhere) }?.contains("in no models directory") == true)
    let link = ModelDirectory(name: "link", url: models.appending(path: "link"))
    try FileManager.default.createSymbolicLink(at: link.url, withDestinationURL: elsewhere.url)
    #expect(refusal { try library.remove(link) }?.contains("not a directory of its own") == true)
    try FileManager.default.removeItem(at: link.url)

    let note = model.url.appending(path: "notes.txt")
    try Data().write(to: note)
    #expect(refusal { try library.remove(model) }?.contains("notes.txt") == true)
    try FileManager.default.removeItem(at: note)
    try library.remove(model)
    #expect(try FileManager.default.contentsOfDirectory(atPath: models.path) == [])
  }

  private func library(_ environment: [String: String]) -> ModelLibrary {
    ModelLibrary(extra: [], environment: environment, executable: URL(filePath: "/nowhere/bin/sonarsweep"))
  }
}
