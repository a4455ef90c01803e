/// A message as it came from the network.
public struct ReceivedMessage: Sendable {
  /// At most `Socket.maximumFrames` and one: whatever a sender had beyond that is gone.
  public let frames: [[UInt8]]
  /// What the `ZAPHandler` called the sender when it connected; nil on a socket without CURVE.
  public let userID: String?
}
