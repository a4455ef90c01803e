import SonarModel
import SweepSpec

/// An array's dimensions and their labels, for formats that hold bare arrays.
enum AxesJSON {
  /// The job, the names of the dimensions, and per axis its values or, of consecutive integers, start and count.
  static func text(_ job: Job, dimensions: [String: [String]]) -> String {
    var axes = job.sweep.axes
    if let decode = job.spec.decode {
      axes.append(Axis(OutputArray.targetDimension, .strings(decode.languages.map(\.rawValue))))
    }
    let model = job.spec.model
    return JSONText.object([
      ("job", JSONText.string(job.id.rawValue)), ("model", JSONText.string(model.name)),
      ("model_fingerprint", JSONText.string(model.fingerprint.rawValue)),
      ("precision", JSONText.string(model.precisionName)),
      (
        "arrays",
        JSONText.object(
          dimensions.sorted { $0.key < $1.key }.map { ($0.key, JSONText.array($0.value.map(JSONText.string))) })
      ),
      ("axes", JSONText.array(axes.map(json))),
    ])
  }

  private static func json(_ axis: Axis) -> String {
    var entries = [("name", JSONText.string(axis.name))] + json(axis.values)
    if !axis.attributes.isEmpty {
      let attributes = axis.attributes.map { attribute in
        JSONText.object([("name", JSONText.string(attribute.name))] + json(attribute.values))
      }
      entries.append(("attributes", JSONText.array(attributes)))
    }
    return JSONText.object(entries)
  }

  private static func json(_ values: Axis.Values) -> [(String, String)] {
    if case .range(let start, let count) = values { return [("start", String(start)), ("count", String(count))] }
    return [("values", JSONText.array((0..<values.count).lazy.map { values.json(at: $0) }))]
  }
}

extension Axis.Values {
  /// A value as JSON: text in quotes, numbers as they are.
  func json(at index: Int) -> String {
    switch self {
    case .strings(let values): JSONText.string(values[index])
    case .integers(let values): String(values[index])
    case .numbers(let values): JSONText.number(values[index])
    case .range(let start, _): String(start + index)
    }
  }
}
