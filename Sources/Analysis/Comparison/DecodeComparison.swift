import ResultStore
import SweepSpec

/// How far the decodes of the same units into the same languages agree between two runs.
public struct DecodeComparison: Encodable, Sendable {
  public struct Example: Encodable, Sendable {
    public let labels: String
    public let target: String
    public let expected: String?
    public let first: String
    public let other: String
  }

  public let run: String
  /// Why the decodes cannot be compared; nil where they can.
  public let reason: String?
  /// Decodes that both have, and those of one text.
  public let decodes: Int
  public let identical: Int
  /// Decodes with an expectation in both, and those that gave it in the first run and in the other.
  public let expected: Int
  public let firstExact: Int
  public let otherExact: Int
  /// Some that differ, by unit.
  public let examples: [Example]

  private static let mostExamples = 20

  init(_ first: (job: Job, reader: ResultReader), _ other: (job: Job, reader: ResultReader)) throws {
    run = other.job.id.rawValue
    let targets = Set(first.job.spec.decode?.languages ?? []).intersection(other.job.spec.decode?.languages ?? [])
    reason =
      RunComparison.difference(first.job, other.job)
      ?? (targets.isEmpty ? "they decode into no language in common" : nil)
    var counts = Counts()
    if reason == nil {
      try first.reader.withUnits { mine in
        try other.reader.withUnits { theirs in try counts.merge(mine, theirs, first.job.sweep) }
      }
    }
    (decodes, identical, expected) = (counts.decodes, counts.identical, counts.expected)
    (firstExact, otherExact, examples) = (counts.firstExact, counts.otherExact, counts.examples)
  }

  private struct Counts {
    var decodes = 0
    var identical = 0
    var expected = 0
    var firstExact = 0
    var otherExact = 0
    var examples: [Example] = []

    /// Goes over both in step; units that only one has are left out.
    mutating func merge(_ mine: StoredUnitCursor, _ theirs: StoredUnitCursor, _ sweep: Sweep) throws {
      var (a, b) = (try mine.next(), try theirs.next())
      while let left = a, let right = b {
        if left.unit == right.unit { add(left, right, sweep) }
        if left.unit <= right.unit { a = try mine.next() }
        if right.unit <= left.unit { b = try theirs.next() }
      }
    }

    private mutating func add(_ left: StoredUnit, _ right: StoredUnit, _ sweep: Sweep) {
      for decode in left.decodes {
        guard let other = right.decodes.first(where: { $0.target == decode.target }) else { continue }
        decodes += 1
        if let exact = decode.exactMatch, let otherExact = other.exactMatch {
          expected += 1
          firstExact += exact ? 1 : 0
          self.otherExact += otherExact ? 1 : 0
        }
        if decode.text == other.text {
          identical += 1
        } else if examples.count < DecodeComparison.mostExamples {
          examples.append(
            Example(
              labels: sweep.label(of: left.unit), target: decode.target, expected: decode.expected, first: decode.text,
              other: other.text))
        }
      }
    }
  }
}
