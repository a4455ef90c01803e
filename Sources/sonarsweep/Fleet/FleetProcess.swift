import Foundation

/// A child process of `run` or `serve`: one of the fleet's roles.
final class FleetProcess {
  let role: String
  /// Of its next start.
  var arguments: [String]
  private let log: FileHandle
  private var process: Process
  private var input: Pipe
  private var started = ContinuousClock.now
  /// When it was found to have ended; nil while it runs.
  private var ended: ContinuousClock.Instant?
  /// How often in a row it ended within seconds of its start.
  private var quickEnds = 0

  /// - Parameters:
  ///   - role: for people, as `worker 2`.
  ///   - log: what the process prints is appended here.
  convenience init(role: String, arguments: [String], log: URL) throws {
    if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
    let file = try FileHandle(forWritingTo: log)
    try file.seekToEnd()
    try self.init(role: role, arguments: arguments, log: file)
  }

  /// - Parameters:
  ///   - log: where what it prints goes.
  ///   - output: where what it prints on standard output at its first start goes, if that is another place.
  init(role: String, arguments: [String], log: FileHandle, output: FileHandle? = nil) throws {
    self.role = role
    self.arguments = arguments
    self.log = log
    (process, input) = (Process(), Pipe())
    try start(output: output ?? log)
  }

  var identifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// Whether it ended by itself, and well: as a worker does that was drained.
  var hasEndedWell: Bool {
    !process.isRunning && process.terminationReason == .exit && process.terminationStatus == 0
  }

  /// How it ended, in words.
  var ending: String {
    process.terminationReason == .uncaughtSignal
      ? "was killed by signal \(process.terminationStatus)" : "ended with code \(process.terminationStatus)"
  }

  /// Of a process of the fleet.
  static var environment: [String: String] {
    // Spinning OpenMP threads would take the other workers' cores; OpenBLAS, which only analyses use, starts some as soon
    // as it is loaded.
    ProcessInfo.processInfo.environment.merging(["OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"]) { $1 }
  }

  /// Its exit code, once it has ended.
  var exitCode: Int32 {
    process.terminationReason == .exit && process.terminationStatus != 0 ? process.terminationStatus : 1
  }

  func waitUntilEnd() { process.waitUntilExit() }

  private func start(output: FileHandle) throws {
    (process, input) = (Process(), Pipe())
    process.executableURL = Executable.url
    // The pipe stays open as long as this process lives, however it ends; the child stops when it closes.
    process.arguments = arguments + ["--with-parent"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = log
    process.environment = Self.environment
    try process.run()
    started = .now
    ended = nil
  }

  /// Starts it again if it ended, after a pause that grows while it keeps ending at once. Returns what happened, for
  /// people; nil where nothing did, or not yet.
  func restartIfEnded() throws -> String? {
    guard !process.isRunning, !isHopeless else { return nil }
    if ended == nil {
      ended = .now
      quickEnds = ContinuousClock.now - started < Self.quick ? quickEnds + 1 : 0
      if isHopeless { return nil }
    }
    let pause = min(Self.longestPause, Self.firstPause * (1 << min(quickEnds, 10)))
    guard let ended, ContinuousClock.now - ended >= pause else { return nil }
    let (former, ending) = (identifier, self.ending)
    try start(output: log)
    return "\(role) (process \(former)) \(ending); started again as process \(identifier)"
  }

  /// Whether it ended so often within seconds of its start that it will not do better. One that is killed may be killed
  /// for what it computes, which is found out; one that gives up by itself has a reason that stays.
  var isHopeless: Bool {
    !process.isRunning
      && quickEnds >= (process.terminationReason == .uncaughtSignal ? Self.quickKills : Self.quickExits)
  }

  private static let quick = Duration.seconds(5)
  private static let firstPause = Duration.milliseconds(50)
  private static let longestPause = Duration.seconds(2)
  private static let quickExits = 10
  private static let quickKills = 60

  /// Asks it to stop.
  func terminate() { if process.isRunning { process.terminate() } }

  /// Asks it to stop and waits; kills it if it takes longer than ten seconds.
  func stop() {
    guard process.isRunning else { return }
    terminate()
    let deadline = ContinuousClock.now + .seconds(10)
    while process.isRunning, ContinuousClock.now < deadline { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }
}
