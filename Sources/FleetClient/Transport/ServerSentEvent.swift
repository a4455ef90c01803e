/// One event of a `text/event-stream`.
public struct ServerSentEvent: Hashable, Sendable {
  /// `message` where the stream names none.
  public let name: String
  public let data: String

  public init(name: String = "message", data: String) { (self.name, self.data) = (name, data) }
}
