import ArgumentParser
import Foundation
import SonarModel

struct ModelRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove an imported model.",
    discussion: """
      Asks first on a terminal; elsewhere it wants --yes. The model that came with the program stays, and so does a \
      directory that holds anything but a model's own files. Results of jobs are not touched.

      Examples:
        sonarsweep model remove sonar
        sonarsweep model remove sonar --yes
      """)

  @OptionGroup var options: ModelOptions
  @Argument(help: "The model's name, or the path of its directory.") var name: String
  @Flag(help: "Do not ask.") var yes = false

  func run() throws {
    let library = options.library
    let model = try library.model(named: name)
    try library.checkRemovable(model)
    guard try yes || isConfirmed(model) else {
      Output.note("nothing was removed")
      throw ExitCode.failure
    }
    EngineOptions.cache?.removeWeights(of: model)
    try library.remove(model)
    Output.note("removed \(model.url.path)")
  }

  private func isConfirmed(_ model: ModelDirectory) throws -> Bool {
    guard isatty(STDIN_FILENO) == 1 else {
      throw CommandError("\(model.url.path) would be removed; say --yes, as there is no terminal to ask on")
    }
    try? FileHandle.standardError.write(contentsOf: Data("Remove \(model.url.path)? [y/N] ".utf8))
    return ["y", "yes"].contains(readLine()?.trimmingCharacters(in: .whitespaces).lowercased())
  }
}
