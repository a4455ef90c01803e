import FleetClient
import Foundation

/// How jobs of a fleet stand, as text.
public enum JobProgress {
  /// One job in a line.
  ///
  /// - Parameter barWidth: characters of the bar; 0 for none.
  public static func line(_ job: RemoteJob, barWidth: Int = 0) -> String {
    var parts: [String] = []
    if barWidth > 0 { parts.append(bar(job.fraction, width: barWidth)) }
    if job.phase != .running { parts.append(job.phase.rawValue) }
    parts.append(Words.percent(job.fraction))
    parts.append("\(Words.count(job.committed))/\(Words.count(job.units)) units")
    if job.phase == .running {
      parts.append("\(Words.rate(job.unitsPerSecond)) units/s")
      if let left = job.secondsLeft { parts.append("ETA \(Words.time(left))") }
      parts.append("\(job.workers) worker\(job.workers == 1 ? "" : "s")")
    }
    if job.failed > 0 { parts.append("\(Words.count(job.failed)) failed") }
    return parts.joined(separator: "  ")
  }

  /// Several jobs together in a line.
  public static func line(_ jobs: [RemoteJob], barWidth: Int = 0) -> String {
    if jobs.count == 1 { return line(jobs[0], barWidth: barWidth) }
    let (committed, units) = (sum(jobs.map(\.committed)), sum(jobs.map(\.units)))
    let fraction = units == 0 ? 1 : Double(committed) / Double(units)
    let rate = jobs.map(\.unitsPerSecond).reduce(0, +)
    var parts = barWidth > 0 ? [bar(fraction, width: barWidth)] : []
    parts += [
      Words.percent(fraction), "\(Words.count(committed))/\(Words.count(units)) units", "\(Words.rate(rate)) units/s",
    ]
    if rate > 0, committed < units { parts.append("ETA \(Words.time(Double(units - committed) / rate))") }
    parts.append("\(jobs.count(where: { !$0.phase.hasEnded })) of \(jobs.count) jobs left")
    return parts.joined(separator: "  ")
  }

  /// What a job ended with.
  public static func ending(_ job: RemoteJob) -> String {
    var text =
      "\(job.id) \(job.phase.rawValue): \(Words.count(job.done)) of \(Words.count(job.units)) units done, \(Words.count(job.failed)) failed, "
      + "\(Words.count(job.skipped)) skipped"
    if !job.problem.isEmpty { text += "; \(job.problem)" }
    return text
  }

  /// - Parameters:
  ///   - fraction: 0 to 1; what is outside is cut.
  ///   - width: characters between the brackets.
  public static func bar(_ fraction: Double, width: Int) -> String {
    let full = Int(max(0, min(1, fraction)) * Double(width))
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: width - full) + "]"
  }

  private static func sum(_ counts: [UInt64]) -> UInt64 {
    counts.reduce(0) { sum, count in
      let (total, overflow) = sum.addingReportingOverflow(count)
      return overflow ? .max : total
    }
  }
}
