import Foundation
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
    return try withDone { done in
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
  }

  private final class Outcome<Value: Sendable>: Sendable {
    private let state = Mutex<Result<Value, any Error>?>(nil)

    var result: Result<Value, any Error>? { state.withLock { $0 } }

    func set(_ result: Result<Value, any Error>) { state.withLock { $0 = result } }
  }

  private static func withDone<Value>(_ body: (PipeBell) throws -> Value) throws -> Value {
    let done = try PipeBell()
    defer { done.close() }
    return try body(done)
  }
}

/// A pipe that wakes a thread in `poll`.
struct PipeBell: Sendable {
  /// Readable once it was rung.
  let descriptor: Int32
  private let writer: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw CommandError("no pipe could be made: \(String(cString: strerror(errno)))") }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (descriptor, writer) = (ends[0], ends[1])
  }

  func ring() {
    var byte: UInt8 = 1
    // Where the pipe is full, it is rung already.
    _ = write(writer, &byte, 1)
  }

  /// Forgets that it was rung.
  func quieten() {
    var bytes = [UInt8](repeating: 0, count: 256)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }

  /// Waits until it is rung, or another descriptor becomes readable: true in the second case.
  func wait(or other: Int32?) -> Bool {
    var items = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    if let other { items.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
    while poll(&items, nfds_t(items.count), -1) < 0 {}
    return items[0].revents == 0
  }

  func close() {
    Foundation.close(descriptor)
    Foundation.close(writer)
  }
}
