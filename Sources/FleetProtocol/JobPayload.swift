import Foundation
import SweepSpec

/// A job's canonical spec and its assets.
public struct JobPayload: Hashable, Sendable {
  public var job: JobID
  /// JSON with sorted keys.
  public var spec: [UInt8]
  public var assets: [AssetReference: [UInt8]]

  public init(job: JobID, spec: [UInt8], assets: [AssetReference: [UInt8]]) {
    self.job = job
    self.spec = spec
    self.assets = assets
  }

  public init(_ job: Job) {
    self.init(job: job.id, spec: Array(job.canonicalSpec), assets: job.assets.all.mapValues { Array($0) })
  }

  /// Builds the job again. Throws `SweepError` where it does not make sense or is not the job its id names.
  public func makeJob() throws -> Job {
    let job = try Job(canonicalSpec: Data(spec), assets: Assets(checking: assets.mapValues { Data($0) }))
    guard job.id == self.job else { throw SweepError("the job's content belongs to \(job.id), not to \(self.job)") }
    return job
  }
}
