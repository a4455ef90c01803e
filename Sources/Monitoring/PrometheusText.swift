/// Metrics in Prometheus' text format, version 0.0.4:
/// https://prometheus.io/docs/instrumenting/exposition_formats.
public enum PrometheusText {
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  public static func render(_ families: [MetricFamily]) -> String {
    families.map(render).joined()
  }

  private static func render(_ family: MetricFamily) -> String {
    let help = family.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    var text = "# HELP \(family.name) \(help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
    for sample in family.samples {
      switch sample.value {
      case .number(let value): text += line(family.name, sample.labels, value)
      case .histogram(let histogram): text += lines(family.name, sample.labels, histogram)
      }
    }
    return text
  }

  private static func lines(_ name: String, _ labels: [(name: String, value: String)], _ histogram: Histogram) -> String
  {
    var (text, total) = ("", UInt64(0))
    for (bound, count) in zip(histogram.bounds + [.infinity], histogram.counts) {
      total += count
      text += line(name + "_bucket", labels + [("le", number(bound))], Double(total))
    }
    return text + line(name + "_sum", labels, histogram.sum) + line(name + "_count", labels, Double(total))
  }

  private static func line(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) -> String {
    let pairs = labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    return "\(name)\(pairs.isEmpty ? "" : "{\(pairs)}") \(number(value))\n"
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
