import Foundation
import Messaging
import Synchronization

/// Where other threads ask the coordinator's loop for something, and see what it has last shown.
public final class FleetDesk: Sendable {
  private struct State {
    var requests: [(FleetRequest, CheckedContinuation<FleetAnswer, Never>)] = []
    var view: FleetView
    var shownAt = ContinuousClock.now
    var watchers: [UUID: AsyncStream<FleetView>.Continuation] = [:]
    var isClosed = false
  }

  private let state: Mutex<State>
  private let bell: Bell

  /// - Throws: `MessagingError` where no descriptor can be had.
  public init() throws {
    state = Mutex(State(view: FleetView(at: .now)))
    bell = try Bell()
  }

  /// The fleet as last shown.
  public var view: FleetView { state.withLock { $0.view } }

  /// How long ago the loop last showed the fleet: whether it goes round.
  public var age: Duration { ContinuousClock.now - state.withLock { $0.shownAt } }

  /// Each view from now on, the present one first; a slow reader gets the last one.
  public func views() -> AsyncStream<FleetView> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let id = UUID()
      let isClosed = state.withLock { state in
        continuation.yield(state.view)
        if !state.isClosed { state.watchers[id] = continuation }
        return state.isClosed
      }
      if isClosed { return continuation.finish() }
      continuation.onTermination = { [weak self] _ in _ = self?.state.withLock { $0.watchers.removeValue(forKey: id) } }
    }
  }

  /// Asks the coordinator. The view already shows what came of it when this returns.
  public func ask(_ request: FleetRequest) async -> FleetAnswer {
    await withCheckedContinuation { continuation in
      let isClosed = state.withLock { state in
        if !state.isClosed { state.requests.append((request, continuation)) }
        return state.isClosed
      }
      if isClosed {
        continuation.resume(returning: .refused(FleetRefusal(.unavailable, "the coordinator is ending")))
      } else {
        bell.ring()
      }
    }
  }

  // MARK: The coordinator's side

  /// Readable where there are requests.
  var descriptor: Int32 { bell.descriptor }

  /// What was asked since the last time.
  func takeRequests() -> [(FleetRequest, CheckedContinuation<FleetAnswer, Never>)] {
    bell.quieten()
    return state.withLock { state in
      defer { state.requests = [] }
      return state.requests
    }
  }

  func show(_ view: FleetView) {
    let watchers = state.withLock { state in
      (state.view, state.shownAt) = (view, .now)
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.yield(view) }
  }

  /// Ends every wait: nothing more will be answered or shown.
  func close() {
    let (requests, watchers) = state.withLock { state in
      defer { (state.requests, state.watchers, state.isClosed) = ([], [:], true) }
      return (state.requests, Array(state.watchers.values))
    }
    for (_, continuation) in requests {
      continuation.resume(returning: .refused(FleetRefusal(.unavailable, "the coordinator is ending")))
    }
    for watcher in watchers { watcher.finish() }
  }
}
