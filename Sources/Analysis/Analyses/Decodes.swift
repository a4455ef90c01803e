import ResultStore
import SweepSpec

/// What was decoded beside what was expected: decodes that differ first, then a sample of the rest.
///
/// Keys: `rows` (40), `failures_only` (false), `select`.
public struct Decodes: Analysis {
  public static let name = "decodes"
  public static let summary = "a table of decodes beside what was expected, those that differ first"

  var rows: Int
  var failuresOnly: Bool
  var select: Selection

  private enum CodingKeys: String, CodingKey {
    case rows, select
    case failuresOnly = "failures_only"
  }

  public init?(reading mapping: YAMLMapping, of job: Job) {
    let rows = mapping.count("rows", in: 1...10_000, default: 40)
    let failuresOnly = mapping.optional("failures_only").map { $0.boolean() } ?? false
    let select = Selection(reading: mapping, Labels(of: job), ofDecodes: true)
    if job.spec.decode == nil { mapping.report("'decodes' shows decodes, and this job decodes nothing") }
    guard let rows, let failuresOnly, let select, job.spec.decode != nil else { return nil }
    self.init(rows: rows, failuresOnly: failuresOnly, select: select)
  }

  package init(rows: Int = 40, failuresOnly: Bool = false, select: Selection = Selection()) {
    (self.rows, self.failuresOnly, self.select) = (rows, failuresOnly, select)
  }

  public static func suggested(for job: Job) -> [Decodes] { job.spec.decode == nil ? [] : [Decodes()] }

  public func run(on run: RunData) throws -> AnalysisResult {
    let labels = Labels(of: run.job)
    let chosen = try choose(run, labels)
    let axes = labels.all.filter { !$0.isAttribute }
    let table = try chosen.picked.compactMap { unit, target -> DecodeTable.Row? in
      guard let decode = try run.reader.decodedText(of: unit, into: target) else { return nil }
      let coordinates = run.job.sweep.coordinates(of: unit)
      let values = axes.map { $0.name == Labels.target ? target : $0.value($0.id(at: coordinates[$0.axis])) }
      return DecodeTable.Row(labels: values, expected: decode.expected, text: decode.text)
    }
    guard !table.isEmpty else {
      guard failuresOnly, chosen.all > 0 else { throw AnalysisError("decodes needs decodes, and there are none") }
      return AnalysisResult()
    }
    let figure = Figure(
      name: "decodes", title: "Decodes",
      caption: "\(table.count) of \(chosen.all) decodes; \(chosen.failures) differ from what was expected"
        + (chosen.failures > 0 ? ", and stand first." : "."),
      content: .decodes(DecodeTable(columns: axes.map(\.name), rows: table)))
    return AnalysisResult(figures: [figure])
  }

  private typealias Key = (unit: UnitIndex, target: String)

  /// Those to show, in order of units, failures first; how many there are, and how many of them are failures.
  private func choose(_ run: RunData, _ labels: Labels) throws -> (picked: [Key], all: Int, failures: Int) {
    let selected = try select.indices(labels).map { $0.map(Set.init) }
    let targets = labels.label(Labels.target)
    // The smallest hashes are a sample however many there are.
    var (failed, others) = (SmallestHashes(rows), SmallestHashes(failuresOnly ? 0 : rows))
    var (all, failures) = (0, 0)
    try run.reader.forEachDecode { unit, target, isExact in
      let coordinates = run.job.sweep.coordinates(of: unit) + [targets?.id(of: target) ?? 0]
      guard zip(selected, coordinates).allSatisfy({ $0?.contains($1) ?? true }) else { return }
      all += 1
      if isExact == false {
        failures += 1
        failed.add(unit, target)
      } else {
        others.add(unit, target)
      }
    }
    return (failed.keys + others.keys.prefix(max(0, rows - failed.keys.count)), all, failures)
  }

  /// A sample of decodes.
  private struct SmallestHashes {
    private let limit: Int
    private var kept: [(hash: UInt64, key: Key)] = []

    init(_ limit: Int) { self.limit = limit }

    mutating func add(_ unit: UnitIndex, _ target: String) {
      guard limit > 0 else { return }
      kept.append((SeededGenerator.hash(unit), (unit, target)))
      if kept.count >= 2 * limit + 1000 { trim() }
    }

    private mutating func trim() {
      kept.sort { ($0.hash, $0.key.target) < ($1.hash, $1.key.target) }
      kept.removeLast(max(0, kept.count - limit))
    }

    var keys: [Key] {
      var copy = self
      copy.trim()
      return copy.kept.map(\.key).sorted { ($0.unit, $0.target) < ($1.unit, $1.target) }
    }
  }
}
