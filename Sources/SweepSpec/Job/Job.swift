import Foundation
import SonarModel

/// A job ready to run: its spec, its id, its assets, and the sweep they make.
public struct Job: Sendable {
  public let id: JobID
  public let spec: JobSpec
  /// The spec as JSON with sorted keys, the bytes the id is made from.
  public let canonicalSpec: Data
  public let assets: Assets
  public let sweep: Sweep

  /// Builds a job from what came over the wire or out of a store. Throws `SweepError` where it does not make sense.
  public init(canonicalSpec: Data, assets: Assets) throws {
    let spec: JobSpec
    do {
      spec = try JSONDecoder().decode(JobSpec.self, from: canonicalSpec)
    } catch let error as SweepError {
      throw error
    } catch {
      throw SweepError("the job's spec cannot be read: \(error)")
    }
    try self.init(spec: spec, assets: assets)
  }

  package init(spec: JobSpec, assets: Assets) throws {
    guard spec.version == JobSpec.currentVersion else {
      throw SweepError("the job was written for version \(spec.version) of the spec; this is \(JobSpec.currentVersion)")
    }
    guard (1...65_536).contains(spec.model.dim) else {
      throw SweepError("the embedding length \(spec.model.dim) is wrong")
    }
    guard (spec.model.fingerprint == .none) == (spec.model.precision == nil) else {
      throw SweepError("a job with a model states its precision, and one without has none")
    }
    if let dim = spec.sweep.kind.dim, dim != spec.model.dim {
      throw SweepError("the job says embeddings have \(spec.model.dim) values, its sweep makes \(dim)")
    }
    try spec.decode?.check()
    let vectors = spec.sweep.kind.vectors
    guard Set(vectors.map(\.name)).count == Set(vectors).count else {
      throw SweepError("two vectors of the sweep have one name")
    }
    guard Set(spec.sweep.kind.states).count == spec.sweep.kind.states.count else {
      throw SweepError("the sweep keeps a state twice")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    canonicalSpec = try encoder.encode(spec)
    guard let id = JobID(name: spec.name, canonicalSpec: canonicalSpec) else {
      throw SweepError("'\(spec.name)' is not a name: letters, digits, dots, dashes and underscores, at most 64")
    }
    self.id = id
    self.spec = spec
    self.assets = assets
    sweep = try spec.sweep.kind.sweep(assets: assets, decode: spec.decode)
  }
}
