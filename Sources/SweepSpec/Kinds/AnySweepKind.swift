/// Any kind of sweep, as `{"kind": name, "parameters": {...}}` in JSON.
public struct AnySweepKind: Codable, Sendable {
  public let kind: any SweepKind

  public init(_ kind: any SweepKind) { self.kind = kind }

  private enum CodingKeys: CodingKey { case kind, parameters }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .kind)
    guard let type = SweepKinds.kind(named: name) else {
      let known = SweepKinds.all.map { $0.name }.joined(separator: ", ")
      throw SweepError("this version knows no sweep kind '\(name)'; it knows \(known)")
    }
    kind = try type.init(from: container.superDecoder(forKey: .parameters))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type(of: kind).name, forKey: .kind)
    try kind.encode(to: container.superEncoder(forKey: .parameters))
  }
}
