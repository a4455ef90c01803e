import ArgumentParser
import FleetClient
import Foundation
import SweepSpec

/// A job file and the files it names, read to be sent.
struct JobFiles {
  /// As it was named.
  let file: String
  let submission: JobSubmission
  private let unreadable: [Diagnostic]

  /// - Throws: `CommandError` where there is no such file or it is a study.
  init(_ file: String) throws {
    let url = URL(filePath: file)
    guard let data = try? Data(contentsOf: url) else {
      let exists = FileManager.default.fileExists(atPath: file)
      throw CommandError("\(file) cannot be read\(exists ? "" : ": there is no such file"); nothing was submitted")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandError("\(file) cannot be read as UTF-8 text; nothing was submitted")
    }
    if StudyFile.isStudy(url) { throw Self.refusal(study: file, url) }
    let named = NamedFiles(in: text, of: url)
    self.file = file
    submission = JobSubmission(file: url.lastPathComponent, text: text, assets: named.contents)
    unreadable = named.unreadable
  }

  /// Prints a job's mistakes as the coordinator found them. It has only what was sent; why a file was not is known here.
  func report(_ mistakes: [String]) {
    for mistake in mistakes {
      let own = unreadable.first { mistake.hasPrefix("\($0.file):\($0.line): \($0.key): ") }
      Output.note(own.map { "\($0)" } ?? mistake)
    }
    Output.note("\(mistakes.count) mistake\(mistakes.count == 1 ? "" : "s") in \(file); nothing was submitted")
  }

  private static func refusal(study file: String, _ url: URL) -> CommandError {
    let directory = (file as NSString).deletingLastPathComponent
    let jobs = (try? StudyFile.load(url))?.jobs.map { directory.isEmpty ? $0.file : "\(directory)/\($0.file)" } ?? []
    return CommandError(
      "\(file) is a study, which only 'run' can do as one; nothing was submitted. Submit its jobs, each once those it needs are done"
        + (jobs.isEmpty
          ? ""
          : ":\n" + jobs.map { "  sonarsweep submit \(ConnectionOptions.quoted($0)) --watch" }.joined(separator: "\n")))
  }
}
