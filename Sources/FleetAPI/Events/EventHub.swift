import Coordinator
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import SweepSpec
import Synchronization

/// Turns what the coordinator shows into server-sent events, once for all who watch.
actor EventHub {
  /// An event that is up to date, and since which revision.
  struct Frame: Sendable {
    let revision: Int
    let bytes: ByteBuffer
  }

  /// All there is to tell. Who has told everything up to a revision tells what is newer.
  struct Snapshot: Sendable {
    var revision = 0
    /// Grows every few seconds, so that connections that are gone are found out.
    var beats = 0
    var fleet = Frame(revision: 0, bytes: ByteBuffer())
    var jobs: [(id: String, frame: Frame)] = []
    var workers = Frame(revision: 0, bytes: ByteBuffer())
  }

  private static let beat = Duration.seconds(15)
  /// The least time between two events of one kind; that of workers grows with their number.
  private static let pause = Duration.seconds(1)

  private let desk: FleetDesk
  private let version: String
  private let limit: Int
  private var watchers: [UUID: AsyncStream<Snapshot>.Continuation] = [:]
  private var snapshot = Snapshot()
  private var shown: [String: JobView] = [:]
  private var follower: Task<Void, Never>?
  private var nextBeat = ContinuousClock.now
  private var nextFleet = ContinuousClock.now
  private var nextWorkers = ContinuousClock.now

  init(_ desk: FleetDesk, version: String, limit: Int) {
    (self.desk, self.version, self.limit) = (desk, version, limit)
  }

  /// What there is to tell from now on; a slow reader gets the last of it.
  ///
  /// - Throws: `Problem` where too many watch.
  func watch() throws -> AsyncStream<Snapshot> {
    guard watchers.count < limit else {
      var problem = Problem(.serviceUnavailable, "\(limit) clients watch already; try again later")
      problem.headers[.retryAfter] = "30"
      throw problem
    }
    if watchers.isEmpty {
      take(desk.view)
      follower = Task { [desk] in
        for await view in desk.views() { self.take(view) }
        self.end()
      }
    }
    let id = UUID()
    let (stream, continuation) = AsyncStream.makeStream(of: Snapshot.self, bufferingPolicy: .bufferingNewest(1))
    watchers[id] = continuation
    continuation.onTermination = { [weak self] _ in Task { await self?.leave(id) } }
    continuation.yield(snapshot)
    return stream
  }

  private func leave(_ id: UUID) {
    watchers[id] = nil
    guard watchers.isEmpty else { return }
    follower?.cancel()
    follower = nil
  }

  private func end() {
    if Task.isCancelled { return }
    for watcher in watchers.values { watcher.finish() }
  }

  private func take(_ view: FleetView) {
    let now = ContinuousClock.now
    let revision = snapshot.revision + 1
    let former = Dictionary(snapshot.jobs.map { ($0.id, $0.frame) }) { first, _ in first }
    var hasChanged = false
    snapshot.jobs = view.jobs.map { job in
      let id = job.id.rawValue
      if let frame = former[id], shown[id] == job { return (id, frame) }
      hasChanged = true
      return (id, Frame(revision: revision, bytes: Self.event("job", JobForm(job))))
    }
    if hasChanged { shown = Dictionary(view.jobs.map { ($0.id.rawValue, $0) }) { first, _ in first } }
    if now >= nextFleet {
      nextFleet = now + Self.pause
      hasChanged = true
      snapshot.fleet = Frame(revision: revision, bytes: Self.event("fleet", FleetForm(view, version: version)))
    }
    if now >= nextWorkers {
      nextWorkers = now + Self.pause * max(1, view.workers.count / 100)
      hasChanged = true
      snapshot.workers = Frame(revision: revision, bytes: Self.event("workers", WorkersForm(view)))
    }
    if now >= nextBeat {
      nextBeat = now + Self.beat
      hasChanged = true
      snapshot.beats += 1
    }
    guard hasChanged else { return }
    snapshot.revision = revision
    for watcher in watchers.values { watcher.yield(snapshot) }
  }

  private static func event(_ name: String, _ value: some Encodable) -> ByteBuffer {
    var buffer = ByteBuffer(string: "event: \(name)\ndata: ")
    var data = JSONAnswer.data(value)
    buffer.writeBuffer(&data)
    buffer.writeString("\n\n")
    return buffer
  }
}
