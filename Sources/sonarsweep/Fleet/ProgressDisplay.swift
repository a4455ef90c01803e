import FleetProtocol
import Foundation
import SweepSpec
import TerminalView

/// A job's progress on standard error: a bar on a terminal, a line now and then elsewhere.
struct ProgressDisplay {
  private static let plainInterval = Duration.seconds(5)

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let isQuiet: Bool
  private var lastPlain = ContinuousClock.now
  private var lastProblem = ""

  init(quiet: Bool) { isQuiet = quiet }

  mutating func update(_ status: JobStatus) {
    guard !isQuiet else { return }
    if !status.problem.isEmpty, status.problem != lastProblem { note("waiting: \(status.problem)") }
    lastProblem = status.problem
    if isTerminal {
      write("\r\u{1B}[2K" + line(status, barWidth: 24))
    } else if ContinuousClock.now - lastPlain >= Self.plainInterval {
      lastPlain = .now
      write(line(status, barWidth: 0) + "\n")
    }
  }

  /// Prints a line of its own, above the bar.
  func note(_ text: String) {
    guard !isQuiet else { return }
    write(isTerminal ? "\r\u{1B}[2K\(text)\n" : "\(text)\n")
  }

  /// Leaves the bar's line.
  func end() { if isTerminal, !isQuiet { write("\r\u{1B}[2K") } }

  private func line(_ status: JobStatus, barWidth: Int) -> String {
    let fraction = Double(status.counts.total) / Double(max(status.units, 1))
    var parts: [String] = []
    if barWidth > 0 {
      let full = Int(fraction * Double(barWidth))
      parts.append("[" + String(repeating: "#", count: full) + String(repeating: "-", count: barWidth - full) + "]")
    }
    parts.append("\(Int(fraction * 100))%")
    parts.append("\(status.counts.total.grouped)/\(status.units.grouped) units")
    parts.append("\(UInt64(status.rate).grouped) units/s")
    if status.rate > 0, status.counts.total < status.units {
      parts.append("ETA \(Words.time(Double(status.units - status.counts.total) / status.rate))")
    }
    parts.append("\(status.workers) worker\(status.workers == 1 ? "" : "s")")
    if status.counts.failed > 0 { parts.append("\(status.counts.failed.grouped) failed") }
    return parts.joined(separator: "  ")
  }

  private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
