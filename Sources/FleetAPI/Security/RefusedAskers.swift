import HTTPTypes
import Synchronization

/// Says who was refused for want of a token or a role, in few lines: whoever reaches the port can cause refusals as fast
/// as he likes.
package final class RefusedAskers: Sendable {
  private struct Tally {
    var untold = 0
    var next: ContinuousClock.Instant?
  }

  /// The least time between two lines of a kind.
  private static let interval = Duration.seconds(10)

  private let tallies = Mutex<[Int: Tally]>([:])

  package init() {}

  /// The log's line on a refusal; nil where it is none for want of a token or a role, or one was told a moment ago.
  package func line(
    on status: HTTPResponse.Status, _ detail: String, from address: String, at now: ContinuousClock.Instant
  ) -> String? {
    guard status == .unauthorized || status == .forbidden else { return nil }
    return tallies.withLock { tallies in
      tallies[status.code, default: Tally()].untold += 1
      guard let tally = tallies[status.code], tally.next.map({ $0 <= now }) ?? true else { return nil }
      tallies[status.code] = Tally(next: now + Self.interval)
      let others = tally.untold > 1 ? " (and \(tally.untold - 1) since the line before)" : ""
      return "refused an HTTP request from \(address.isEmpty ? "somewhere" : address)\(others): \(detail)"
    }
  }
}
