import Coordinator
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import SweepSpec

/// Changes as they happen.
struct EventRoutes: Sendable {
  let desk: FleetDesk
  let hub: EventHub

  var routes: [Route] {
    [Route(.get, "/api/v1/events", .read, gives: ["text/event-stream"], handler: watch)]
  }

  private func watch(_ request: Request, _ context: APIContext) async throws -> Response {
    let job = try Query(request, "job").text("job").map { try desk.view.job(named: $0).id.rawValue }
    let isHead = request.method == .head
    let snapshots = isHead ? nil : try await hub.watch()
    return Response(
      status: .ok,
      headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        var told = -1
        var beats = 0
        guard let snapshots else { return try await writer.finish(nil) }
        for await snapshot in snapshots {
          // Who asks again is told why.
          guard (try? context.admit()) != nil else { break }
          var buffer = Self.news(in: snapshot, since: told, of: job)
          if buffer.readableBytes == 0, snapshot.beats > beats { buffer.writeString(": still here\n\n") }
          (told, beats) = (snapshot.revision, snapshot.beats)
          if buffer.readableBytes > 0 { try await writer.write(buffer) }
        }
        try await writer.finish(nil)
      })
  }

  /// - Parameter job: of this job only; of everything where nil.
  private static func news(in snapshot: EventHub.Snapshot, since revision: Int, of job: String?) -> ByteBuffer {
    var buffer = ByteBuffer()
    func add(_ frame: EventHub.Frame) {
      guard frame.revision > revision else { return }
      buffer.writeImmutableBuffer(frame.bytes)
    }
    if job == nil { add(snapshot.fleet) }
    for (id, frame) in snapshot.jobs where job == nil || id == job { add(frame) }
    if job == nil { add(snapshot.workers) }
    return buffer
  }
}
