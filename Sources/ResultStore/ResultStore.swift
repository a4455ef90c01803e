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
  /// What was found damaged when the store was opened and what was done about it, for people.
  public let repairs: [String]
  private let directory: String
  private let catalogue: Catalogue
  private let outputs: [OutputArray]
  private let writers: [ChunkWriter]
  private var lock: StoreLock?
  private var refusals = Refusals()

  /// Where a job's store lies below a results directory.
  public static func directory(of job: JobID, in results: URL) -> URL { results.appending(path: job.rawValue) }

  /// Makes the job's directory and throws where it cannot be written to, or another process is writing to it.
  public static func checkAccess(to job: JobID, in results: URL) throws {
    let directory = Self.directory(of: job, in: results).path
    try DurableFile.makeDirectory(directory)
    _ = try StoreLock(directory)
  }

  /// Opens the job's store in `results`, creating it where there is none.
  ///
  /// All of it is checked first. Units that are not as they were committed are forgotten, to be computed again; a
  /// catalogue that SQLite cannot read is moved aside, and all units are.
  public init(job: Job, results: URL) throws {
    self.job = job
    let directory = Self.directory(of: job.id, in: results).path
    try DurableFile.makeDirectory(directory)
    lock = try StoreLock(directory)
    self.directory = directory
    let arrays = "\(directory)/arrays.zarr"
    let opened = try Self.open(CatalogueFile(in: directory), job, arrays: arrays)
    catalogue = opened.catalogue
    committed = opened.outcome.committed
    counts = opened.outcome.counts
    repairs = opened.repairs
    let outputs = OutputArray.outputs(of: job.spec)
    self.outputs = outputs
    writers = outputs.map { output in
      ChunkWriter(
        directory: "\(arrays)/\(output.name)", grid: ZarrGroup.grid(of: output, in: job.sweep),
        tailDimensions: output.tail.count)
    }
  }

  private typealias Opened = (catalogue: Catalogue, outcome: StoreVerification.Outcome, repairs: [String])

  private static func open(_ file: CatalogueFile, _ job: Job, arrays: String) throws -> Opened {
    do {
      return try verified(Catalogue(path: file.path, job: job), job, arrays: arrays, moved: nil)
    } catch let error as StoreError where error.code == .damaged {
      let note = "the catalogue was damaged and is kept as \(try file.moveAside()); the run starts over: \(error)"
      return try verified(Catalogue(path: file.path, job: job), job, arrays: arrays, moved: note)
    }
  }

  private static func verified(_ catalogue: Catalogue, _ job: Job, arrays: String, moved: String?) throws -> Opened {
    do {
      try ZarrGroup(root: arrays, job: job, outputs: OutputArray.outputs(of: job.spec)).write()
      var verification = StoreVerification(catalogue, job, arrays: arrays, repairing: true)
      let outcome = try verification.run()
      var repairs = moved.map { [$0] } ?? []
      if !outcome.damaged.isEmpty {
        let first = outcome.damaged.first.map { ", the first is \($0)" } ?? ""
        repairs.append(
          "\(outcome.damaged.count) units were not as they had been committed and are computed again\(first)")
      }
      if outcome.damagedChunks > 0 {
        repairs.append("\(outcome.damagedChunks) chunk files held values of no committed unit; they were cleaned")
      }
      if outcome.hasStrayRows { repairs.append("the catalogue had rows that belong to no unit; they were deleted") }
      if moved != nil || !outcome.damaged.isEmpty || outcome.hasStrayRows {
        try catalogue.repair(outcome.damaged, reason: repairs.joined(separator: "; "))
      }
      return (catalogue, outcome, repairs)
    } catch {
      try? catalogue.close()
      throw error
    }
  }

  /// Whether a finished job's store is complete and every unit as it was committed. Changes nothing.
  public static func isSound(_ job: Job, in results: URL) throws -> Bool {
    let directory = Self.directory(of: job.id, in: results).path
    let file = CatalogueFile(in: directory)
    guard file.exists else { return false }
    do {
      let catalogue = try Catalogue(path: file.path, job: job, readOnly: true)
      defer { try? catalogue.close() }
      let arrays = "\(directory)/arrays.zarr"
      guard try ZarrGroup(root: arrays, job: job, outputs: OutputArray.outputs(of: job.spec)).isSound() else {
        return false
      }
      var verification = StoreVerification(catalogue, job, arrays: arrays, repairing: false)
      let outcome = try verification.run()
      return outcome.isSound && outcome.committed.count == job.sweep.unitCount
    } catch let error as StoreError where error.code == .damaged {
      return false
    }
  }

  public var isComplete: Bool { committed.count == job.sweep.unitCount }

  /// Throws `badRecord` unless the record is one this job can have.
  public func check(_ record: Record) throws {
    func refuse(_ reason: StoreError.BadRecord, _ text: String) -> StoreError {
      StoreError(.badRecord(reason), "unit \(record.unit): \(text)")
    }
    guard record.unit < job.sweep.unitCount else {
      throw refuse(.outsideTheSweep, "the sweep has \(job.sweep.unitCount) units")
    }
    guard record.seconds.isFinite, record.seconds >= 0 else {
      throw refuse(.seconds, "\(record.seconds) is no number of seconds")
    }
    guard case .done(let embedding, let states, let decodes) = record.outcome else { return }
    guard embedding.count == job.spec.model.dim else {
      throw refuse(.embeddingLength, "the embedding has \(embedding.count) values, not \(job.spec.model.dim)")
    }
    let kinds = job.spec.sweep.kind.states
    guard states.count == kinds.count, states.allSatisfy({ $0.count == job.spec.model.dim }) else {
      throw refuse(
        .states,
        "the states have \(states.map(\.count)) values, not \(kinds.map { _ in job.spec.model.dim })")
    }
    guard embedding.allSatisfy(\.isFinite), states.joined().allSatisfy(\.isFinite) else {
      throw refuse(.notFinite, "the embedding or a state has a value that is not finite")
    }
    guard decodes.allSatisfy({ $0.logProbability.isFinite && $0.score?.isFinite != false }) else {
      throw refuse(.score, "a decode has no log-probability or score")
    }
    guard decodes.map(\.language) == job.spec.decode?.languages ?? [] else {
      throw refuse(.languages, "the decodes are not in the job's languages")
    }
    for decode in decodes {
      guard let expected = decode.expectation else { continue }
      let (least, most) = (abs(expected.tokens - decode.ids.count), max(expected.tokens, decode.ids.count))
      guard (least...most).contains(expected.errors) else {
        throw refuse(
          .expectation,
          "\(decode.ids.count) tokens cannot be \(expected.errors) errors from \(expected.tokens) expected ones")
      }
    }
  }

  /// Throws `badRecord` unless the records were made by the job's model.
  public func check(_ fingerprint: ModelFingerprint) throws {
    guard fingerprint == job.spec.model.fingerprint else {
      throw StoreError(
        .badRecord(.fingerprint), "records of model \(fingerprint), the job is for \(job.spec.model.fingerprint)")
    }
  }

  /// Counts records that `check` threw out; the next commit writes that down.
  public func refuse(_ count: Int, from worker: String, _ error: StoreError) {
    refusals.add(count, from: worker, error)
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
    let valued: [Catalogue.Batch] = fresh.map { worker, records in
      (worker, records.map { record in (record, outputs.compactMap { $0.values(of: record) }) })
    }
    for (i, writer) in writers.enumerated() {
      // After a failed commit all of this is written again: what could not be synced may be lost from memory too.
      try writer.write(
        valued.flatMap { $0.records.filter { !$0.arrays.isEmpty }.map { ($0.record.unit, $0.arrays[i]) } })
      try writer.sync()
    }
    try catalogue.commit(valued, divergent: divergent, refusals: refusals)
    refusals = Refusals()
    let records = fresh.flatMap(\.records)
    committed.formUnion(commit.units)
    for status in records.map(\.status) { counts.add(of: status) }
    commit.divergent = divergent.map(\.unit)
    return commit
  }

  /// Marks the job done; the store can then be copied and opened by any reader.
  ///
  /// - Throws: `mismatch` where units are missing.
  public func finish() throws {
    guard isComplete else {
      throw StoreError(.mismatch, "\(job.id) is not complete: \(committed.count) of \(job.sweep.unitCount) units")
    }
    try catalogue.finish(refusals: refusals)
    refusals = Refusals()
  }

  /// Puts failed units back, all or those of one error code, to be computed again; returns how many.
  public func removeFailures(code: String?) throws -> UInt64 {
    let removed = try catalogue.removeFailures(code: code)
    committed.subtract(removed)
    counts.failed -= min(counts.failed, removed.count)
    // A report of the units as they were would pass for one of what they will be.
    if !removed.isEmpty { try? FileManager.default.removeItem(atPath: "\(directory)/report.html") }
    return removed.count
  }

  /// Lets another process write to the store.
  public func close() throws {
    try catalogue.close()
    lock = nil
  }

  private func differs(_ record: Record) throws -> Bool {
    guard let stored = try catalogue.stored(record.unit) else { return true }
    // A unit that was given up says nothing about its value, whichever came first.
    if stored.error == UnitError.quarantined || record.isQuarantine { return false }
    guard stored.status == record.status.rawValue else { return true }
    switch record.outcome {
    case .skipped: return false
    case .failed(let error): return stored.error != error.code
    case .done(_, _, let decodes):
      let texts = Dictionary(uniqueKeysWithValues: decodes.map { ($0.language.rawValue, $0.ids.json) })
      if stored.texts != texts { return true }
      return try zip(outputs, writers).contains { output, writer in
        try output.identifiesUnit && writer.read(record.unit) != output.values(of: record)
      }
    }
  }
}
