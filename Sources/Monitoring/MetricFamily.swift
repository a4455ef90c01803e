/// Samples of one metric, as Prometheus knows them: https://prometheus.io/docs/concepts/data_model.
public struct MetricFamily: Hashable, Sendable {
  public enum Kind: String, Sendable { case counter, gauge, histogram }

  public struct Sample: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
      case number(Double)
      case histogram(Histogram)
    }

    /// In the order they are written in.
    public var labels: [(name: String, value: String)] { labelPairs.map { ($0.name, $0.value) } }
    public let value: Value
    private let labelPairs: [Label]

    private struct Label: Hashable, Sendable {
      let name: String
      let value: String
    }

    public init(_ value: Double) { self.init([:], value) }

    public init(_ labels: KeyValuePairs<String, String>, _ value: Double) {
      (labelPairs, self.value) = (labels.map { Label(name: $0, value: $1) }, .number(value))
    }

    public init(_ labels: KeyValuePairs<String, String>, _ histogram: Histogram) {
      (labelPairs, value) = (labels.map { Label(name: $0, value: $1) }, .histogram(histogram))
    }
  }

  /// With the unit, and `_total` where it counts: https://prometheus.io/docs/practices/naming.
  public let name: String
  public let help: String
  public let kind: Kind
  public let samples: [Sample]

  public init(_ name: String, _ kind: Kind, help: String, _ samples: [Sample]) {
    (self.name, self.kind, self.help, self.samples) = (name, kind, help, samples)
  }
}
