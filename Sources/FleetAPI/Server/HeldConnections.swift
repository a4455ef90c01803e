import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// HTTP connections that are held from when they are accepted until they are handled. One that is accepted at the moment
/// the server stops is handed to nobody, and swift-nio ends the process where such a one is let go of without being closed:
/// its `NIOAsyncWriter` was not finished.
struct HeldConnections: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  private final class Accepted: Sendable {
    private let connections = Mutex<[ObjectIdentifier: Value]>([:])

    deinit {
      for value in connections.withLock({ Array($0.values) }) {
        Task { try? await value.executeThenClose { _, _ in } }
      }
    }

    func hold(_ value: Value) { connections.withLock { $0[ObjectIdentifier(value.channel)] = value } }
    func release(_ value: Value) { connections.withLock { $0[ObjectIdentifier(value.channel)] = nil } }
  }

  let base: HTTP1Channel
  private let accepted = Accepted()

  init(_ base: HTTP1Channel) { self.base = base }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    base.setup(channel: channel, logger: logger).map { [accepted] value in
      accepted.hold(value)
      return value
    }
  }

  func handle(value: Value, logger: Logger) async {
    accepted.release(value)
    await base.handle(value: value, logger: logger)
  }
}
