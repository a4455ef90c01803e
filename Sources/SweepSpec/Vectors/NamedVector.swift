/// A direction a probe may use, [dim].
public struct NamedVector: Hashable, Sendable {
  public let name: String
  public let values: [Float]

  public init(name: String, values: [Float]) {
    self.name = name
    self.values = values
  }
}
