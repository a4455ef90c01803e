/// A model directory that is missing, incomplete or wrong: what, in which file, and what to do.
public struct ModelError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
