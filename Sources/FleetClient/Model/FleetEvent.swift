import Foundation

/// A change of the fleet, as `/api/v1/events` tells it.
public enum FleetEvent: Hashable, Sendable {
  case fleet(RemoteFleet)
  case job(RemoteJob)
  case workers([RemoteWorker])

  private struct Workers: Decodable { let workers: [RemoteWorker] }

  /// Nil for a kind of event this program does not know: a newer coordinator may send more.
  package init?(_ event: ServerSentEvent) throws {
    let data = Data(event.data.utf8)
    switch event.name {
    case "fleet": self = .fleet(try RemoteJSON.decode(RemoteFleet.self, from: data))
    case "job": self = .job(try RemoteJSON.decode(RemoteJob.self, from: data))
    case "workers": self = .workers(try RemoteJSON.decode(Workers.self, from: data).workers)
    default: return nil
    }
  }
}
