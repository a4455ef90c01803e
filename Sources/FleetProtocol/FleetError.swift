/// A process of the fleet that cannot go on, and what to do about it.
public struct FleetError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
