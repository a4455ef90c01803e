import FleetProtocol
import SonarModel
import SweepSpec
import TensorKernels
import Worker

/// A sweep whose probes are written out one by one. It does not travel.
struct ProbeList: SweepKind {
  static let name = "probe-list"
  static let summary = "probes written out by a test"

  let probes: [Probe?]
  var states: [StateKind] = []

  init(_ probes: [Probe?], states: [StateKind] = []) {
    self.probes = probes
    self.states = states
  }

  init?(reading mapping: YAMLMapping, in context: JobContext) { nil }
  init(from decoder: any Decoder) throws { throw SweepError("a list of probes does not travel") }
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(probes.count)
  }

  func sweep(assets: Assets, decode: DecodeSpec?) throws -> Sweep {
    try Sweep(axes: [Axis("probe", .range(start: 0, count: probes.count))]) { coordinates, _ in probes[coordinates[0]] }
  }

  func job(decode: DecodeSpec? = nil) throws -> Job {
    let model = EmbeddedModel.directory
    let spec = JobSpec(
      version: 1, name: "test",
      model: .init(
        name: model.name, fingerprint: try model.fingerprint(.fp32, cache: nil), precision: .fp32,
        dim: try model.config().modelDim),
      sweep: AnySweepKind(self), decode: decode, truncate: false)
    return try Job(spec: spec, assets: Assets())
  }
}

extension UnitComputer {
  /// The outcomes of a job's units, by unit, computed in the leases given.
  func outcomes(of job: Job, leases: [UnitRange]) throws -> [UnitIndex: Record.Outcome] {
    open(job)
    for (i, units) in leases.enumerated() {
      enqueue(LeaseGrant(lease: LeaseID(rawValue: UInt64(i)), job: job.id, units: units, attempt: 1))
    }
    var outcomes: [UnitIndex: Record.Outcome] = [:]
    while !isIdle { try advance { record, _ in outcomes[record.unit] = record.outcome } }
    return outcomes
  }

  func outcomes(of probes: [Probe?], states: [StateKind] = [], decode: DecodeSpec? = nil) throws -> [Record.Outcome?] {
    let job = try ProbeList(probes, states: states).job(decode: decode)
    let outcomes = try outcomes(of: job, leases: [0..<job.sweep.unitCount])
    return (0..<job.sweep.unitCount).map { outcomes[$0] }
  }
}
