import Foundation
import Testing

/// The real program, run as a user would.
enum Sonarsweep {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardizedFileURL
  static let binary = repository.appending(path: ".build/release/sonarsweep")

  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Runs to the end.
  static func run(_ arguments: String...) throws -> Outcome {
    let running = try start(arguments)
    return running.wait()
  }

  static func start(_ arguments: [String]) throws -> RunningCommand { try RunningCommand(binary, arguments) }

  /// Waits for a condition; fails the test where it does not come true in time.
  static func wait(_ what: String, atMost seconds: Double = 60, until condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
      guard ContinuousClock.now < deadline else {
        Issue.record("waited too long for \(what)")
        return
      }
      usleep(20_000)
    }
  }

  /// Process ids of a process's children.
  static func children(of parent: Int32) -> [Int32] {
    let path = "/proc/\(parent)/task/\(parent)/children"
    let list = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return list.split(separator: " ").compactMap { Int32($0) }
  }

  static func isAlive(_ process: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return false }
    return !status.contains("State:\tZ")
  }
}

/// A started program with its output in files, so that no pipe can fill up.
final class RunningCommand {
  private let process = Process()
  private let directory = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)")

  init(_ program: URL, _ arguments: [String]) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = try file("out")
    process.standardError = try file("err")
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  var identifier: Int32 { process.processIdentifier }
  var output: String { text("out") }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for its end; fails the test, and ends it, where that does not come.
  func wait(atMost seconds: Double = 120) -> Sonarsweep.Outcome {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while process.isRunning, ContinuousClock.now < deadline { usleep(10_000) }
    if process.isRunning {
      Issue.record("process \(identifier) did not end within \(seconds) s")
      send(SIGKILL)
    }
    process.waitUntilExit()
    return .init(status: process.terminationStatus, output: text("out"), errors: text("err"))
  }

  private func file(_ name: String) throws -> FileHandle {
    let url = directory.appending(path: name)
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  private func text(_ name: String) -> String {
    (try? String(contentsOf: directory.appending(path: name), encoding: .utf8)) ?? ""
  }
}
