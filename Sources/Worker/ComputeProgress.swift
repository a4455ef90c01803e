import FleetProtocol
import Synchronization

/// How the compute thread gets on, for the I/O thread to see.
final class ComputeProgress: Sendable {
  private struct State {
    var stepStart: MonotonicInstant?
    var result: Result<Void, any Error>?
  }

  private let clock = MonotonicClock()
  private let state = Mutex(State())

  var hasEnded: Bool { state.withLock { $0.result != nil } }

  var error: (any Error)? { state.withLock { if case .failure(let error)? = $0.result { error } else { nil } } }

  /// How long the present step of the computation has taken; nil where the thread is idle.
  var secondsInStep: Double? { state.withLock { $0.stepStart.map { (clock.now - $0).seconds } } }

  /// Runs one step of the computation.
  func step<Value>(_ body: () throws -> Value) rethrows -> Value {
    state.withLock { $0.stepStart = clock.now }
    defer { state.withLock { $0.stepStart = nil } }
    return try body()
  }

  /// Runs the whole thread.
  func record(_ body: () throws -> Void) {
    let ended = Result { try body() }
    state.withLock { $0.result = ended }
  }
}
