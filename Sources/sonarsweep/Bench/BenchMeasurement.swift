import FleetProtocol
import Foundation
import SonarModel
import TensorKernels

/// What one case came to, with one model instance.
struct BenchMeasurement: Codable {
  let `case`: String
  let precision: String
  let threads: Int
  /// Of the median run, in `unit`.
  let rate: Double
  let unit: String
  /// Of each run.
  let seconds: [Double]
  /// The time that the same matrix products take without anything around them, as a share of the median run's.
  let shareOfLimit: Double
  /// The process's peak resident memory while the case ran, bytes; pages shared with other processes included.
  let peakRss: Int

  /// Runs a case once to warm up and then `runs` times.
  init(_ benchCase: BenchCase, _ model: SonarModel, threads: Int, runs: Int) throws {
    Self.resetPeakMemory()
    let work = try benchCase.prepare(model)
    var made = try work()
    seconds = try (0..<runs).map { _ in
      let start = ContinuousClock.now
      made = try work()
      return (ContinuousClock.now - start).seconds
    }
    self.case = "\(benchCase)"
    precision = model.precision.rawValue
    self.threads = threads
    unit = benchCase.unit
    let median = seconds.sorted()[seconds.count / 2]
    rate = Double(made) / median
    peakRss = Self.peakResidentMemory
    shareOfLimit = try BenchLimit(model, threads: threads).seconds(of: benchCase) / median
  }

  /// From the kernel's account of this process, since the last reset.
  private static var peakResidentMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
  }

  /// Starts the account of peak memory anew (`man 5 proc`, clear_refs).
  private static func resetPeakMemory() { try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs")) }
}
