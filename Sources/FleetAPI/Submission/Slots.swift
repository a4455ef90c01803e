import Foundation
import HTTPTypes

/// So much at a time, as processes or bytes; others wait in turn, and not more than so many of them.
actor Slots {
  private struct Waiting {
    let id: UUID
    let size: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private let count: Int
  private let waitingLimit: Int
  private var free: Int
  private var waiting: [Waiting] = []

  init(_ count: Int, waiting: Int) { (self.count, free, waitingLimit) = (count, count, waiting) }

  /// Runs a body once there is room.
  ///
  /// - Parameter size: places it takes; one that is larger than all there are takes all.
  /// - Throws: `Problem` where too many wait; `CancellationError`.
  func use<Result: Sendable>(_ size: Int = 1, _ body: @Sendable () async throws -> Result) async throws -> Result {
    try await enter(size)
    defer { leave(size) }
    return try await body()
  }

  /// Waits for places, which whoever has them leaves again.
  func enter(_ size: Int = 1) async throws {
    let size = min(size, count)
    if waiting.isEmpty, free >= size {
      free -= size
      return
    }
    try checkRoom()
    let id = UUID()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
        waiting.append(Waiting(id: id, size: size, continuation: continuation))
      }
    } onCancel: {
      Task { await self.giveUp(id) }
    }
  }

  /// - Throws: `Problem` where too many wait.
  func checkRoom() throws {
    guard waiting.count < waitingLimit else {
      var problem = Problem(.serviceUnavailable, "too many such requests wait already; try again later")
      problem.headers[.retryAfter] = "5"
      throw problem
    }
  }

  private func giveUp(_ id: UUID) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting.remove(at: index).continuation.resume(throwing: CancellationError())
    admit()
  }

  func leave(_ size: Int = 1) {
    free += min(size, count)
    admit()
  }

  /// Those that are next in turn, as far as there is room: nobody overtakes, so that the large ones get theirs too.
  private func admit() {
    while let next = waiting.first, free >= next.size {
      free -= next.size
      waiting.removeFirst().continuation.resume()
    }
  }
}

/// Work that blocks its thread, away from the few threads that answer requests.
enum Blocking {
  static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }
}
