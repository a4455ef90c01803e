import Foundation

/// A child process of `run`: one of the fleet's roles, with its log in a file.
final class FleetProcess {
  let role: String
  private let arguments: [String]
  private let log: FileHandle
  private var process: Process
  private var input: Pipe
  private(set) var starts = 0
  private var started = ContinuousClock.now

  /// - Parameters:
  ///   - role: for people, as `worker 2`.
  ///   - log: what the process prints is appended here.
  init(role: String, arguments: [String], log: URL) throws {
    self.role = role
    self.arguments = arguments
    if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
    self.log = try FileHandle(forWritingTo: log)
    try self.log.seekToEnd()
    (process, input) = (Process(), Pipe())
    try start()
  }

  var identifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  var age: Duration { ContinuousClock.now - started }

  /// How it ended, in words.
  var ending: String {
    process.terminationReason == .uncaughtSignal
      ? "was killed by signal \(process.terminationStatus)" : "ended with code \(process.terminationStatus)"
  }

  /// Of a process that runs a model.
  static var environment: [String: String] {
    // Spinning OpenMP threads would take the other workers' cores.
    ProcessInfo.processInfo.environment.merging(["OMP_WAIT_POLICY": "passive"]) { $1 }
  }

  func start() throws {
    (process, input) = (Process(), Pipe())
    process.executableURL = Executable.url
    // The pipe stays open as long as this process lives, however it ends; the child stops when it closes.
    process.arguments = arguments + ["--with-parent"]
    process.standardInput = input
    process.standardOutput = log
    process.standardError = log
    process.environment = Self.environment
    try process.run()
    starts += 1
    started = .now
  }

  /// Asks it to stop and waits; kills it if it takes longer than ten seconds.
  func stop() {
    guard process.isRunning else { return }
    process.terminate()
    let deadline = ContinuousClock.now + .seconds(10)
    while process.isRunning, ContinuousClock.now < deadline { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }
}
