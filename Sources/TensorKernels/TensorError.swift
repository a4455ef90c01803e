/// A failure of the numerical backend: a shape that does not fit, or an error oneDNN reported.
public struct TensorError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
