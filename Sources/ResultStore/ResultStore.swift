import Foundation
import SonarModel
import SweepSpec

/// A run's results on disk, open for writing by one process: `catalogue.sqlite` and `arrays.zarr` in `<results>/<job id>`.
///
/// A unit is committed when its catalogue row is; its array data is synced before. Committing a unit again changes
/// nothing; a record that differs from the stored one is reported and dropped.
public final class ResultStore {
  public struct Commit: Hashable, Sendable {
    /// Units committed for the first time.
    public var units = UnitSet()
    /// Units that were committed before and whose new record differs.
    public var divergent: [UnitIndex] = []
  }

  public let job: Job
  public private(set) var committed: UnitSet
  public private(set) var counts: UnitCounts
  private let catalogue: Catalogue
  private let outputs: [OutputArray]
  private let writers: [ChunkWriter]
  private let lock: StoreLock

  /// Where a job's store lies below a results directory.
  public static func directory(of job: JobID, in results: URL) -> URL { results.appending(path: job.rawValue) }

  /// Makes the job's directory and throws where it cannot be written to, or another process is writing to it.
  public static func checkAccess(to job: JobID, in results: URL) throws {
    let directory = Self.directory(of: job, in: results).path
    try DurableFile.makeDirectory(directory)
    _ = try StoreLock(directory)
  }

  /// Opens the job's store in `results`, creating it where there is none.
  public init(job: Job, results: URL) throws {
    self.job = job
    let directory = Self.directory(of: job.id, in: results).path
    try DurableFile.makeDirectory(directory)
    lock = try StoreLock(directory)
    outputs = OutputArray.outputs(of: job.spec)
    let arrays = "\(directory)/arrays.zarr"
    let path = "\(directory)/catalogue.sqlite"
    // The catalogue is made last: where it exists, the arrays' metadata does too.
    if !FileManager.default.fileExists(atPath: path) {
      try ZarrGroup(root: arrays, job: job, outputs: outputs).write()
      try DurableFile.syncDirectory(directory)
    }
    catalogue = try Catalogue(path: path, job: job)
    committed = try catalogue.committedUnits()
    counts = try catalogue.counts()
    writers = outputs.map { output in
      ChunkWriter(
        directory: "\(arrays)/\(output.name)", grid: ZarrGroup.grid(of: output, in: job.sweep),
        tailDimensions: output.tail.count)
    }
  }

  public var isComplete: Bool { committed.count == job.sweep.unitCount }

  /// Throws `badRecord` unless the record is one this job can have.
  public func check(_ record: Record) throws {
    guard record.unit < job.sweep.unitCount else {
      throw StoreError(.badRecord, "unit \(record.unit) is outside the sweep's \(job.sweep.unitCount) units")
    }
    guard record.seconds.isFinite, record.seconds >= 0 else {
      throw StoreError(.badRecord, "unit \(record.unit): \(record.seconds) is no number of seconds")
    }
    guard case .done(let embedding, let decodes) = record.outcome else { return }
    guard embedding.count == job.spec.model.dim else {
      throw StoreError(
        .badRecord, "unit \(record.unit): the embedding has \(embedding.count) values, not \(job.spec.model.dim)")
    }
    guard embedding.allSatisfy(\.isFinite) else {
      throw StoreError(.badRecord, "unit \(record.unit): the embedding has a value that is not finite")
    }
    guard decodes.allSatisfy({ !$0.logProbability.isNaN && $0.score?.isNaN != true }) else {
      throw StoreError(.badRecord, "unit \(record.unit): a decode has no log-probability or score")
    }
    guard decodes.map(\.language) == job.spec.decode?.languages ?? [] else {
      throw StoreError(.badRecord, "unit \(record.unit): the decodes are not in the job's languages")
    }
  }

  /// Commits records that were checked: durable when this returns, all or none of them on an error.
  public func commit(_ batches: [(worker: StoreWorker, records: [Record])]) throws -> Commit {
    var commit = Commit()
    var divergent: [(unit: UnitIndex, worker: StoreWorker)] = []
    var fresh: [(worker: StoreWorker, records: [Record])] = []
    for (worker, records) in batches {
      var new: [Record] = []
      for record in records {
        if commit.units.contains(record.unit) { continue }
        if !committed.contains(record.unit) {
          commit.units.insert(record.unit..<record.unit + 1)
          new.append(record)
        } else if try differs(record) {
          divergent.append((record.unit, worker))
        }
      }
      fresh.append((worker, new))
    }
    let records = fresh.flatMap(\.records)
    for (output, writer) in zip(outputs, writers) {
      try writer.write(records.compactMap { record in output.values(of: record).map { (record.unit, $0) } })
      try writer.sync()
    }
    try catalogue.commit(fresh, divergent: divergent)
    committed.formUnion(commit.units)
    for status in records.map(\.status) { counts.add(of: status) }
    commit.divergent = divergent.map(\.unit)
    return commit
  }

  /// Marks the job done; the store can then be copied and opened by any reader.
  public func finish() throws { try catalogue.finish() }

  public func close() throws { try catalogue.close() }

  private func differs(_ record: Record) throws -> Bool {
    guard let stored = try catalogue.stored(record.unit), stored.status == record.status.rawValue else { return true }
    switch record.outcome {
    case .skipped: return false
    case .failed(let error): return stored.error != error.code
    case .done(let embedding, let decodes):
      let texts = Dictionary(uniqueKeysWithValues: decodes.map { ($0.language.rawValue, $0.ids.json) })
      return try stored.texts != texts || writers[0].read(record.unit) != embedding
    }
  }

  private func close(_ descriptor: Int32) { _ = Foundation.close(descriptor) }
}
