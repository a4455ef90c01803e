import Messaging
import Synchronization

/// Runs asynchronous work for a command, which itself is synchronous: the main thread belongs to signals and loops.
enum Asynchronous {
  /// Stopped by a signal before the work was done.
  struct Stopped: Error {}

  /// Waits for the work.
  ///
  /// - Parameter stop: cancels the work when it says so.
  /// - Throws: what the work throws; `Stopped` where it was stopped.
  static func run<Value: Sendable>(
    until stop: StopSignal? = nil, _ work: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let outcome = Outcome<Value>()
    let done = try Bell()
    let task = Task {
      do {
        outcome.set(.success(try await work()))
      } catch {
        outcome.set(.failure(error))
      }
      done.ring()
    }
    let isStopped = done.wait(or: stop?.descriptor)
    if isStopped {
      task.cancel()
      _ = done.wait(or: nil)
    }
    // The bell rings after the result is there.
    guard let result = outcome.result else { throw Stopped() }
    if isStopped, case .failure = result { throw Stopped() }
    return try result.get()
  }

  private final class Outcome<Value: Sendable>: Sendable {
    private let state = Mutex<Result<Value, any Error>?>(nil)

    var result: Result<Value, any Error>? { state.withLock { $0 } }

    func set(_ result: Result<Value, any Error>) { state.withLock { $0 = result } }
  }
}
