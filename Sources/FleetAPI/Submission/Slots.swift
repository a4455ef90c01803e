import Foundation
import HTTPTypes

/// So many at a time, others wait in turn, and not more than so many of them.
actor Slots {
  private let waitingLimit: Int
  private var free: Int
  private var waiting: [(id: UUID, continuation: CheckedContinuation<Void, any Error>)] = []

  init(_ count: Int, waiting: Int) { (free, waitingLimit) = (count, waiting) }

  /// Runs a body once there is room.
  ///
  /// - Throws: `Problem` where too many wait; `CancellationError`.
  func use<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    try await enter()
    defer { leave() }
    return try await body()
  }

  /// Waits for a place, which whoever has it leaves again.
  func enter() async throws {
    if free > 0 {
      free -= 1
      return
    }
    guard waiting.count < waitingLimit else {
      var problem = Problem(.serviceUnavailable, "too many such requests wait already; try again later")
      problem.headers[.retryAfter] = "5"
      throw problem
    }
    let id = UUID()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
        waiting.append((id, continuation))
      }
    } onCancel: {
      Task { await self.giveUp(id) }
    }
  }

  private func giveUp(_ id: UUID) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting.remove(at: index).continuation.resume(throwing: CancellationError())
  }

  /// The next in turn takes the place over.
  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().continuation.resume() }
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
