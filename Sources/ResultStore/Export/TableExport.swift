import Foundation
import SonarModel
import SweepSpec

/// A run's committed units as a table, one unit a row: labels, decodes, and values of arrays where asked for.
public struct TableExport {
  private let job: Job
  private let arrays: [ArrayReader]
  private let targets: [String]

  public init(_ job: Job, arrays: [ArrayReader]) {
    self.job = job
    self.arrays = arrays
    targets = job.spec.decode?.languages.map(\.rawValue) ?? []
  }

  /// With a header; text, expected text and measures of a decode are columns per target language, as `text_eng_Latn`.
  public func csv(_ run: ResultReader, to file: ExportFile) throws {
    var header = ["unit", "status"] + labels(of: 0).map(\.name)
    for target in targets {
      header += ["text", "expected", "exact_match", "token_errors", "log_probability"].map { "\($0)_\(target)" }
    }
    for array in arrays { header += (0..<array.unitSize).map { "\(array.name)_\($0)" } }
    try file.write(CSVText.row(header))
    try forEach(run) { unit in
      var cells = [String(unit.unit), unit.status] + labels(of: unit.unit).map(\.label)
      for target in targets {
        let decode = unit.decodes.first { $0.target == target }
        cells += [
          decode?.text ?? "", decode?.expected ?? "", decode?.exactMatch.map { $0 ? "1" : "0" } ?? "",
          decode?.tokenErrors.map(String.init) ?? "", decode?.logProbability.description ?? "",
        ]
      }
      for array in arrays { cells += try array.values(of: unit.unit).map { $0.isFinite ? $0.description : "" } }
      try file.write(CSVText.row(cells))
    }
  }

  /// An object a line: `unit`, `status`, `labels`, `decodes`, and each array as a list, null where it has no value.
  public func jsonLines(_ run: ResultReader, to file: ExportFile) throws {
    try forEach(run) { unit in
      var entries = [
        ("unit", String(unit.unit)), ("status", JSONText.string(unit.status)),
        ("labels", JSONText.object(labels(of: unit.unit).map { ($0.name, $0.json) })),
        ("decodes", JSONText.array(unit.decodes.map(Self.json))),
      ]
      for array in arrays {
        let values = unit.status == "done" ? try array.values(of: unit.unit).map { JSONText.number($0) } : nil
        entries.append((array.name, values.map { JSONText.array($0) } ?? "null"))
      }
      try file.write(JSONText.object(entries) + "\n")
    }
  }

  private func forEach(_ run: ResultReader, _ body: (StoredUnit) throws -> Void) throws {
    try run.withUnits { cursor in
      while let unit = try cursor.next() {
        guard unit.unit < job.sweep.unitCount else {
          throw StoreError(.damaged, "the catalogue has a unit \(unit.unit), which the job has not")
        }
        try body(unit)
      }
    }
  }

  /// The values of a unit's axes and of their attributes, in order.
  private func labels(of unit: UnitIndex) -> [(name: String, label: String, json: String)] {
    zip(job.sweep.axes, job.sweep.coordinates(of: unit)).flatMap { axis, index in
      [(axis.name, axis.values)].map { ($0, $1.label(at: index), $1.json(at: index)) }
        + axis.attributes.map { ($0.name, $0.values.label(at: index), $0.values.json(at: index)) }
    }
  }

  private static func json(_ decode: StoredUnit.Decode) -> String {
    JSONText.object([
      ("target", JSONText.string(decode.target)), ("text", JSONText.string(decode.text)),
      ("expected", decode.expected.map(JSONText.string) ?? "null"),
      ("exact_match", decode.exactMatch.map { $0 ? "true" : "false" } ?? "null"),
      ("token_errors", decode.tokenErrors.map(String.init) ?? "null"),
      ("log_probability", JSONText.number(decode.logProbability)),
    ])
  }
}
