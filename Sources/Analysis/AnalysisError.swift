/// An analysis that cannot answer on this run, and why.
public struct AnalysisError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
