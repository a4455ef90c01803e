/// Units that cost nothing to compute, for measuring the fleet alone: element j of unit u's embedding is
/// (u + j) mod 65,536. Needs no model.
public struct NullSweep: SweepKind {
  public static let name = "null-probe"
  public static let summary = "synthetic units without a model, to measure the fleet itself"

  public static let usesModel = false

  private let units: Int
  private let width: Int

  private enum CodingKeys: String, CodingKey {
    case units
    case width = "dim"
  }

  public var dim: Int? { width }

  public init?(reading mapping: YAMLMapping, in context: JobContext) {
    let units = mapping.required("units", "how many units")?.integer(in: 1...1_000_000_000_000)
    let width = mapping.optional("dim").map { $0.integer(in: 1...65_536) } ?? 1024
    guard let units, let width else { return nil }
    self.units = units
    self.width = width
  }

  public func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    guard (1...65_536).contains(width) else { throw SweepError("dim is \(width), not 1 to 65536") }
    guard decode == nil else { throw SweepError("a \(Self.name) sweep has nothing to decode") }
    return try Sweep(axes: [Axis("sample", .range(start: 0, count: units))]) { [width] _, unit in
      Probe(terms: [.init(.ramp(unit, dim: width))])
    }
  }
}
