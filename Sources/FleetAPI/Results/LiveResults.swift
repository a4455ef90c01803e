import Foundation
import HTTPTypes
import Logging
import ResultStore

/// Findings, figures and reports of runs that are not over, made when they are asked for by `sonarsweep report --into`, one
/// at a time in the whole fleet, and kept until enough has been committed since.
actor LiveResults {
  /// What was made of a run.
  struct Made: Sendable {
    let directory: URL
    /// Committed units when it was made, or a few less.
    let units: UInt64
    fileprivate let madeAt: ContinuousClock.Instant
  }

  /// How many runs' results are kept; each is some figures.
  private static let kept = 32
  /// What must have been added since, of all that is committed.
  private static let growth = 0.02

  private let options: FleetAPIOptions
  private let program: ChildProgram
  private let logger: Logger
  private let slots: Slots
  private var root: TemporaryDirectory?
  private var made: [String: Made] = [:]
  private var running: [String: Task<Made, any Error>] = [:]
  private var number = 0

  init(_ options: FleetAPIOptions, logger: Logger) {
    (self.options, self.logger, program) = (options, logger, ChildProgram(options.program))
    slots = Slots(1, waiting: 64)
  }

  /// What the run's committed units say by now, or said a moment ago.
  ///
  /// - Parameter units: committed units of the run.
  /// - Throws: `Problem` where there is nothing yet, or too much.
  func results(of run: URL, units: UInt64) async throws -> Made {
    let id = run.lastPathComponent
    guard units > 0 else { throw Problem(.conflict, "no unit of \(id) is committed yet; ask again in a while") }
    if let last = made[id] {
      let isRecent = ContinuousClock.now - last.madeAt < options.limits.liveEvery
      let hasGrown = Double(units) > Double(last.units) * (1 + Self.growth)
      if units >= last.units, isRecent || !hasGrown { return last }
    }
    guard units <= options.limits.liveUnits else {
      throw Problem(
        .conflict,
        "\(id) has \(units) committed units; findings and figures of a job that is not over are made of "
          + "\(options.limits.liveUnits) at most. They come when it is done, or by 'sonarsweep report \(id) --into DIR'"
      )
    }
    if let task = running[id] { return try await task.value }
    let task = Task { try await make(run, units) }
    running[id] = task
    defer { running[id] = nil }
    return try await task.value
  }

  private func make(_ run: URL, _ units: UInt64) async throws -> Made {
    guard let results = options.results else { throw RunsOnDisk.noResults }
    let id = run.lastPathComponent
    let root = try root ?? TemporaryDirectory()
    self.root = root
    number += 1
    let directory = root.url.appending(path: String(number))
    var isKept = false
    defer { if !isKept { try? FileManager.default.removeItem(at: directory) } }
    let ending: ChildProgram.Ending
    do {
      ending = try await slots.use { [program, limits = options.limits] in
        try await program.run(
          ["report", id, "--results", results.path, "--into", directory.path, "--nice", "10"], within: limits.analysis)
      }
    } catch is ChildProgram.TookTooLong {
      throw Problem(.serviceUnavailable, "the analyses of \(id) take longer than \(options.limits.analysis)")
    }
    // 1 where an analysis had no answer, which the report says; without a report it failed.
    guard FileManager.default.fileExists(atPath: directory.appending(path: "report.html").path) else {
      logger.error("report of \(id): \(ending.error.suffix(2000))")
      throw Problem(.serviceUnavailable, "the analyses of \(id) failed: \(ending.error.suffix(300))")
    }
    let result = Made(directory: directory, units: units, madeAt: .now)
    if let former = made.updateValue(result, forKey: id) { try? FileManager.default.removeItem(at: former.directory) }
    if made.count > Self.kept, let oldest = made.min(by: { $0.value.madeAt < $1.value.madeAt }) {
      made[oldest.key] = nil
      try? FileManager.default.removeItem(at: oldest.value.directory)
    }
    isKept = true
    return result
  }

  /// Removes all that was made.
  func close() {
    for task in running.values { task.cancel() }
    made = [:]
    root?.remove()
    root = nil
  }
}
