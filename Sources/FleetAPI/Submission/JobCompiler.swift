import FleetProtocol
import Foundation
import HTTPTypes
import Logging
import SweepSpec

/// Makes jobs of what is submitted, each in a process of its own: `sonarsweep job compile`.
struct JobCompiler: Sendable {
  private let program: ChildProgram
  private let options: FleetAPIOptions
  private let slots: Slots
  private let logger: Logger

  init(_ options: FleetAPIOptions, logger: Logger) {
    (self.options, self.logger) = (options, logger)
    program = ChildProgram(options.program)
    slots = Slots(options.limits.compilations, waiting: options.limits.waitingCompilations)
  }

  /// - Parameter precision: in place of the file's.
  /// - Throws: `Problem`, with the file's mistakes where it has some.
  func compile(_ file: SubmittedFile, precision: String?) async throws -> Job {
    try await slots.use {
      let directory = try TemporaryDirectory()
      defer { directory.remove() }
      let sources = directory.url.appending(path: "submitted")
      let output = directory.url.appending(path: "job")
      try await Blocking.run {
        try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: false)
        try file.write(to: sources)
      }
      try await run(sources.appending(path: file.name), precision, output)
      return try await Blocking.run {
        guard case .submit(let payload) = try FleetMessage(decoding: Array(Data(contentsOf: output))) else {
          throw Problem(.internalServerError, "the job could not be read back")
        }
        return try payload.makeJob()
      }
    }
  }

  private func run(_ file: URL, _ precision: String?, _ output: URL) async throws {
    var arguments = ["job", "compile", file.path, "--output", output.path, "--memory-limit"]
    arguments += [String(options.limits.compilationBytes), "--nice", "5"] + options.modelOptions
    arguments += options.results.map { ["--results", $0.path] } ?? []
    arguments += precision.map { ["--precision", $0] } ?? []
    let ending: ChildProgram.Ending
    do {
      ending = try await program.run(arguments, within: options.limits.compilation)
    } catch is ChildProgram.TookTooLong {
      throw Problem(.unprocessableContent, "the job took longer than \(options.limits.compilation) to read")
    }
    switch ending.code {
    case 0: return
    case 65:
      let mistakes = try JSONDecoder().decode(Mistakes.self, from: Data(ending.output.utf8)).mistakes
      var problem = Problem(
        .unprocessableContent,
        "\(mistakes.count) mistake\(mistakes.count == 1 ? "" : "s"); nothing was submitted")
      problem.mistakes = mistakes
      throw problem
    case let code:
      let reason = ending.error.split(separator: "\n").last.map(String.init) ?? ""
      logger.error("job compile ended with \(code.map(String.init) ?? "a signal"): \(ending.error.suffix(2000))")
      throw Problem(
        .unprocessableContent,
        code == 1 ? "the job cannot be read here: \(reason)" : "reading the job took too much memory, or failed")
    }
  }

  private struct Mistakes: Decodable { let mistakes: [String] }
}
