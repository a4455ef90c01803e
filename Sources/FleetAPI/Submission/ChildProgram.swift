import Foundation
import HTTPTypes
import Subprocess
import SystemPackage

/// This program, run again for what is heavy or may fail: the coordinator's process must not suffer from it.
struct ChildProgram: Sendable {
  struct Ending: Sendable {
    /// Nil where a signal ended it.
    let code: Int?
    let output: String
    let error: String
  }

  struct TookTooLong: Error, CustomStringConvertible {
    var description: String { "it took too long" }
  }

  private static let outputLimit = 4 << 20
  private let executable: Executable

  init(_ program: URL) { executable = .path(FilePath(program.path)) }

  /// Runs it to its end; ends it where that takes too long, or nobody waits any more.
  ///
  /// - Throws: `TookTooLong`, `CancellationError`, `SubprocessError`.
  func run(_ arguments: [String], within time: Duration) async throws -> Ending {
    try await withThrowingTaskGroup(of: Ending.self) { group in
      group.addTask {
        let result = try await Subprocess.run(
          executable, arguments: Arguments(arguments), environment: Self.environment,
          platformOptions: Self.options, output: .string(limit: Self.outputLimit),
          error: .string(limit: Self.outputLimit))
        try Task.checkCancellation()
        let code: Int? = if case .exited(let code) = result.terminationStatus { Int(code) } else { nil }
        return Ending(code: code, output: result.standardOutput, error: result.standardError)
      }
      group.addTask {
        try await Task.sleep(for: time)
        throw TookTooLong()
      }
      defer { group.cancelAll() }
      guard let ending = try await group.next() else { throw CancellationError() }
      return ending
    }
  }

  /// Runs it and hands on what it writes; ends it where that cannot be handed on.
  ///
  /// - Throws: what `take` throws; `Problem` where the program fails.
  func stream(_ arguments: [String], to take: (ArraySlice<UInt8>) async throws -> Void) async throws {
    let result = try await Subprocess.run(
      executable, arguments: Arguments(arguments), environment: Self.environment, platformOptions: Self.options,
      input: .none, output: .sequence, error: .discarded
    ) { execution in
      do {
        for try await buffer in execution.standardOutput {
          try await take(buffer.withUnsafeBytes { Array($0) }[...])
        }
      } catch {
        try? execution.send(signal: .kill)
        throw error
      }
    }
    guard case .exited(0) = result.terminationStatus else {
      throw Problem(.internalServerError, "\(arguments.first ?? "") failed")
    }
  }

  private static var options: PlatformOptions {
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
    return options
  }

  /// One thread: these processes stand back behind the workers.
  private static var environment: Environment {
    .inherit.updating(["OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"])
  }
}
